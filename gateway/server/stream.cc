#include "gateway/server/stream.h"

#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace msctl::gateway::server {

void Stream::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

void Stream::note(std::uint32_t events) {
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) readable_ = true;
  if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) hangup_ = true;
  if ((events & EPOLLOUT) != 0) writable_ = true;
  if ((events & (EPOLLHUP | EPOLLERR)) != 0) reset_ = true;
}

Stream::Read Stream::read(BufferPool& pool, std::uint32_t capacity) {
  if (!in.has_block()) in.acquire(pool, capacity);
  if (in.space() == 0) in.compact();
  std::size_t space = in.space();
  if (space == 0) return Read::nothing;
  ssize_t count = recv(fd_, in.space_begin(), space, 0);
  if (count > 0) {
    in.produced(static_cast<std::size_t>(count));
    if (static_cast<std::size_t>(count) < space && !hangup_) readable_ = false;
    return Read::data;
  }
  bool would_block = count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
  if (would_block) readable_ = false;
  if (in.empty()) in.release();
  if (would_block) return Read::nothing;
  return count == 0 ? Read::end : Read::failed;
}

bool Stream::write(BufferPool& pool, std::span<iovec> slices) {
  if (!writable_ || blocked()) return keep(pool, slices, 0);
  ssize_t count;
  if (slices.size() == 1) {
    count = send(fd_, slices[0].iov_base, slices[0].iov_len, MSG_NOSIGNAL);
  } else {
    msghdr message{};
    message.msg_iov = slices.data();
    message.msg_iovlen = slices.size();
    count = sendmsg(fd_, &message, MSG_NOSIGNAL);
  }
  if (count < 0) {
    if (errno != EAGAIN && errno != EWOULDBLOCK) return false;
    count = 0;
  }
  sent_ += static_cast<std::size_t>(count);
  return keep(pool, slices, static_cast<std::size_t>(count));
}

// Copies what lies behind the first `already` bytes into the outbox.
bool Stream::keep(BufferPool& pool, std::span<iovec> slices, std::size_t already) {
  std::size_t total = 0;
  for (const iovec& slice : slices) total += slice.iov_len;
  if (already == total) return true;
  writable_ = false;
  std::size_t rest = total - already;
  if (out_.has_block()) out_.compact();
  if (out_.space() < rest)
    out_.grow(pool, std::max(BufferPool::large, static_cast<std::uint32_t>(out_.size() + rest)));
  for (const iovec& slice : slices) {
    std::size_t skipped = std::min(already, slice.iov_len);
    already -= skipped;
    out_.append({static_cast<const char*>(slice.iov_base) + skipped, slice.iov_len - skipped});
  }
  return true;
}

bool Stream::flush() {
  while (writable_ && !out_.empty()) {
    ssize_t count = send(fd_, out_.data(), out_.size(), MSG_NOSIGNAL);
    if (count < 0) {
      if (errno != EAGAIN && errno != EWOULDBLOCK) return false;
      writable_ = false;
      return true;
    }
    if (static_cast<std::size_t>(count) < out_.size()) writable_ = false;
    out_.consume(static_cast<std::size_t>(count));
    sent_ += static_cast<std::size_t>(count);
  }
  if (out_.empty()) out_.release();
  return true;
}

bool Stream::progressed() {
  int queued = 0;
  if (ioctl(fd_, SIOCOUTQ, &queued) != 0) queued = 0;
  std::uint64_t taken = sent_ - std::min<std::uint64_t>(sent_, static_cast<std::uint64_t>(queued));
  return std::exchange(taken_, taken) < taken;
}

void Stream::shut_write() {
  shutdown(fd_, SHUT_WR);
}

}  // namespace msctl::gateway::server
