#include "runtime/local/logs/outlet.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string>
#include <utility>

namespace msctl::local {

Outlet::Outlet(int fd, std::function<void()> drained, std::function<void()> broken,
               std::function<std::string(std::size_t)> notice)
    : fd_(fd),
      drained_(std::move(drained)),
      broken_(std::move(broken)),
      notice_(std::move(notice)),
      thread_([this] {
        sigset_t all;
        sigfillset(&all);
        ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
        work();
      }) {}

Outlet::~Outlet() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Outlet::write(std::string_view text) {
  {
    std::lock_guard lock(mutex_);
    if (stalled_ && waiting_.size() > kFull) {
      ++dropped_;
      return;
    }
    if (dropped_ > 0 && !stalled_) {
      waiting_ += notice_(dropped_);
      dropped_ = 0;
    }
    waiting_ += text;
    if (waiting_.size() > kFull) was_full_ = true;
    if (waiting_.size() < kSome) return;
  }
  flush();
}

void Outlet::flush() {
  changed_.notify_one();
}

void Outlet::drain() {
  std::unique_lock lock(mutex_);
  changed_.notify_one();
  idle_.wait(lock, [this] { return stalled_ || (waiting_.empty() && !writing_); });
}

bool Outlet::full() {
  std::lock_guard lock(mutex_);
  return was_full_ && !stalled_;
}

void Outlet::let_go() {
  std::lock_guard lock(calls_);
  drained_ = broken_ = [] {};
}

void Outlet::call(const std::function<void()>& what) {
  std::lock_guard lock(calls_);
  what();
}

void Outlet::work() {
  bool alive = true;
  for (std::unique_lock lock(mutex_);;) {
    changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (waiting_.empty() && ending_) return;
    std::string batch = std::move(waiting_);
    waiting_.clear();
    writing_ = true;
    lock.unlock();
    if (alive && !write_all(batch)) {
      alive = false;
      call(broken_);
    }
    lock.lock();
    writing_ = false;
    idle_.notify_all();
    if (!was_full_ || !waiting_.empty()) continue;
    was_full_ = false;
    lock.unlock();
    call(drained_);
    lock.lock();
  }
}

bool Outlet::write_all(std::string_view text) {
  while (!text.empty()) {
    pollfd watched{fd_, POLLOUT, 0};
    int n = ::poll(&watched, 1, 1000);
    if (n == 0) {
      std::unique_lock lock(mutex_);
      if (ending_) return true;  // nobody reads: the program's end does not wait for it
      const bool first = !std::exchange(stalled_, true);
      idle_.notify_all();
      lock.unlock();
      if (first) call(drained_);
      continue;
    }
    // At most a pipe's buffer at once, so that the write does not block after poll.
    ssize_t written = ::write(fd_, text.data(), std::min<std::size_t>(text.size(), 4096));
    if (written < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
    std::lock_guard lock(mutex_);
    stalled_ = false;
  }
  return true;
}

}  // namespace msctl::local
