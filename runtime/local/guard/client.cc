#include "runtime/local/guard/client.h"

#include <fcntl.h>
#include <poll.h>

#include <cerrno>

#include "runtime/local/guard/socket.h"

namespace msctl::local::guard {

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
  send({to_message(request), {std::move(output), std::move(error)}});
}

void Client::signal(std::uint64_t id, int number) {
  send({{Kind::signal, id, number, {}}, {}});
}
void Client::kill(std::uint64_t id) {
  send({{Kind::kill, id, 0, {}}, {}});
}
void Client::shutdown() {
  send({{Kind::shutdown, 0, 0, {}}, {}});
}

void Client::send(Pending pending) {
  queue_.push_back(std::move(pending));
  flush();
}

void Client::flush() {
  while (!queue_.empty()) {
    const Pending& next = queue_.front();
    std::array<int, 2> descriptors{next.descriptors[0].get(), next.descriptors[1].get()};
    bool carries = descriptors[0] >= 0;
    if (!guard::send(guard_.socket.get(), next.message, std::span(descriptors).first(carries ? 2 : 0))) {
      if (errno == EAGAIN) break;
      if (errno == EMSGSIZE && carries) {  // a service that was never started must not be waited for
        loop_.post([this, id = next.message.id] { events_.refused(id, E2BIG); });
        queue_.pop_front();
        continue;
      }
      queue_.clear();  // the guard is gone: receive_all tells
      return;
    }
    queue_.pop_front();
  }
  loop_.change(guard_.socket.get(), queue_.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT);
}

void Client::receive_all() {
  for (;;) {
    auto received = guard::receive(guard_.socket.get());
    if (!received) {
      if (errno == EAGAIN) return;
      loop_.forget(guard_.socket.get());
      return events_.lost();
    }
    const Message& message = received->message;
    if (message.kind == Kind::spawned) events_.spawned(message.id, static_cast<pid_t>(message.value));
    if (message.kind == Kind::refused) events_.refused(message.id, static_cast<int>(message.value));
    if (message.kind == Kind::ended) events_.ended(message.id, static_cast<int>(message.value));
  }
}

}  // namespace msctl::local::guard
