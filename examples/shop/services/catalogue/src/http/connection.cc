#include "http/connection.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace app::http {
namespace {

constexpr std::chrono::seconds write_time{30};
constexpr std::chrono::milliseconds finish_time{500};

int remaining_ms(Connection::Instant deadline) {
  if (deadline == Connection::Instant::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<long long>(left.count(), 0, 1 << 30));
}

// Whether the socket was ready before the deadline; errors count as ready, the next call tells them.
bool ready(int socket, short events, Connection::Instant deadline) {
  for (;;) {
    pollfd watched{socket, events, 0};
    const int count = ::poll(&watched, 1, remaining_ms(deadline));
    if (count > 0) return true;
    if (count == 0) return false;
  }
}

}  // namespace

Connection::~Connection() { ::close(socket_); }

bool Connection::wait(int wake, std::chrono::milliseconds idle) {
  if (begin_ < end_) return true;
  const auto deadline = std::chrono::steady_clock::now() + idle;
  for (;;) {
    std::array<pollfd, 2> watched{{{socket_, POLLIN, 0}, {wake, POLLIN, 0}}};
    const int count = ::poll(watched.data(), watched.size(), remaining_ms(deadline));
    if (count == 0) return false;
    if (count < 0) continue;
    if (watched[0].revents != 0) return (watched[0].revents & POLLIN) != 0;
    return false;
  }
}

void Connection::limit(Instant deadline, std::size_t most) {
  deadline_ = deadline;
  left_ = most;
  timed_out_ = false;
}

bool Connection::fill() {
  for (;;) {
    if (!ready(socket_, POLLIN, deadline_)) {
      timed_out_ = true;
      return false;
    }
    const ssize_t got = ::recv(socket_, buffer_.data(), buffer_.size(), 0);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) return false;
    begin_ = 0;
    end_ = static_cast<std::size_t>(got);
    return true;
  }
}

ssize_t Connection::read(char* to, std::size_t size) {
  if (left_ == 0) return -1;
  if (begin_ == end_ && !fill()) return timed_out_ ? -1 : 0;
  const std::size_t count = std::min({size, end_ - begin_, left_});
  std::memcpy(to, buffer_.data() + begin_, count);
  begin_ += count;
  left_ -= count;
  return static_cast<ssize_t>(count);
}

ssize_t Connection::write(const char* from, std::size_t size) {
  const Instant deadline = std::chrono::steady_clock::now() + write_time;
  for (;;) {
    const ssize_t sent = ::send(socket_, from, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return sent;
    if (errno == EINTR) continue;
    if (errno != EAGAIN || !ready(socket_, POLLOUT, deadline)) return -1;
  }
}

void Connection::finish() {
  ::shutdown(socket_, SHUT_WR);
  const Instant deadline = std::chrono::steady_clock::now() + finish_time;
  while (ready(socket_, POLLIN, deadline)) {
    const ssize_t got = ::recv(socket_, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) return;
    if (std::chrono::steady_clock::now() >= deadline) return;
  }
}

}  // namespace app::http
