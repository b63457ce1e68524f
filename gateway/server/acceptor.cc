#include "gateway/server/acceptor.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace msctl::gateway::server {
namespace {

// Level-triggered, so that the rest of a long queue comes in the next round.
constexpr int at_once = 64;
constexpr int longest_queue = 65536;

// When even the spare descriptor does not help, the queue is left alone for a while instead of spinning on
// it.
constexpr base::Duration pause_length = std::chrono::milliseconds{100};

int open_spare() {
  return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

}  // namespace

Acceptor::Acceptor(Worker& worker, int descriptor)
    : worker_(worker), descriptor_(descriptor), spare_(open_spare()) {
  worker_.reactor.add(descriptor_, *this, EPOLLIN);
}

Acceptor::~Acceptor() {
  pause_.cancel();
  if (spare_ >= 0) close(spare_);
  close(descriptor_);
}

void Acceptor::on_events(std::uint32_t) {
  for (int i = 0; i < at_once; ++i)
    if (!accept_one()) return;
}

void Acceptor::take_all() {
  for (int i = 0; i < longest_queue; ++i)
    if (!accept_one()) return;
}

bool Acceptor::accept_one() {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  int fd = accept4(descriptor_, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd >= 0) {
    worker_.accepted(fd, peer);
    return true;
  }
  if ((errno == EMFILE || errno == ENFILE) && worker_.make_room()) return true;
  if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
    out_of_descriptors();
    return !paused_;
  }
  return errno == ECONNABORTED || errno == EINTR;
}

void Acceptor::out_of_descriptors() {
  if (spare_ >= 0) close(spare_);
  int fd = accept4(descriptor_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd >= 0) worker_.refuse(fd);
  spare_ = open_spare();
  if (fd >= 0 && spare_ >= 0) return;
  if (paused_ || (fd < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))) return;
  paused_ = true;
  worker_.reactor.change(descriptor_, *this, 0);
  worker_.reactor.timers().set(pause_, worker_.reactor.now(), pause_length);
}

void Acceptor::resume(void* self) {
  auto& acceptor = *static_cast<Acceptor*>(self);
  acceptor.paused_ = false;
  if (acceptor.spare_ < 0) acceptor.spare_ = open_spare();
  acceptor.worker_.reactor.change(acceptor.descriptor_, acceptor, EPOLLIN);
}

}  // namespace msctl::gateway::server
