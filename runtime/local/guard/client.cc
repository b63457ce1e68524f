#include "runtime/local/guard/client.h"

#include <fcntl.h>
#include <poll.h>

#include <cerrno>
#include <utility>

namespace msctl::local::guard {
namespace {

constexpr std::size_t kLargest = 128 * 1024;  // a packet may have some 200 KiB

std::size_t size_of(const Message& message) {
  std::size_t size = 0;
  for (const std::string& text : message.texts) size += text.size() + sizeof(std::uint32_t);
  return size;
}

}  // namespace

Client::Client(Loop& loop, Started guard, Events events)
    : loop_(loop), guard_(std::move(guard)), events_(std::move(events)) {
  ::fcntl(guard_.socket.get(), F_SETFL, O_NONBLOCK);
  loop_.watch(guard_.socket.get(), EPOLLIN, [this](std::uint32_t happened) {
    if ((happened & EPOLLOUT) != 0) flush();
    if ((happened & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) receive_all();
  });
}

Client::~Client() {
  loop_.forget(guard_.socket.get());
}

void Client::spawn(const SpawnRequest& request, base::Fd output, base::Fd error) {
  const Message message = to_message(request);
  if (size_of(message) > kLargest) return loop_.post([this, id = request.id] { events_.refused(id, E2BIG); });
  std::vector<base::Fd> descriptors;
  descriptors.push_back(std::move(output));
  descriptors.push_back(std::move(error));
  send(message, std::move(descriptors));
}

void Client::signal(std::uint64_t id, int number) {
  send({Kind::signal, id, number, {}});
}
void Client::kill(std::uint64_t id) {
  send({Kind::kill, id, 0, {}});
}
void Client::shutdown() {
  send({Kind::shutdown, 0, 0, {}});
}

void Client::send(const Message& message, std::vector<base::Fd> descriptors) {
  outbox_.add(message, std::move(descriptors));
  // The guard begins with the first while the next are still prepared.
  if (message.kind == Kind::spawn) flush();
}

void Client::flush() {
  if (outbox_.empty()) return;
  const bool later = !outbox_.send(guard_.socket.get()) && errno == EAGAIN;
  if (!later) outbox_ = {};  // sent, or the guard is gone: receive_all tells
  if (std::exchange(watches_for_room_, later) != later)
    loop_.change(guard_.socket.get(), later ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void Client::receive_all() {
  for (;;) {
    auto received = receive(guard_.socket.get());
    if (!received) {
      if (errno == EAGAIN) return;
      loop_.forget(guard_.socket.get());
      return events_.lost();
    }
    for (const Parcel& parcel : *received) take(parcel.message);
  }
}

void Client::take(const Message& message) {
  if (message.kind == Kind::spawned) events_.spawned(message.id, static_cast<pid_t>(message.value));
  if (message.kind == Kind::refused) events_.refused(message.id, static_cast<int>(message.value));
  if (message.kind == Kind::ended) events_.ended(message.id, static_cast<int>(message.value));
}

}  // namespace msctl::local::guard
