// A descriptor's number is used again as soon as it is closed, and an event for the old one may already lie
// in the batch that epoll_wait gave. Each registration therefore has a generation, which travels in the event
// and must match.
#include "runtime/local/loop/loop.h"

#include <sys/eventfd.h>

#include <array>
#include <cerrno>
#include <ctime>

namespace msctl::local {
namespace {

std::uint64_t tag(int fd, std::uint32_t generation) {
  return (static_cast<std::uint64_t>(generation) << 32) | static_cast<std::uint32_t>(fd);
}

timespec until(base::Instant when) {
  auto left = std::max(when - std::chrono::steady_clock::now(), base::Duration::zero());
  auto seconds = std::chrono::floor<std::chrono::seconds>(left);
  return {static_cast<std::time_t>(seconds.count()), static_cast<long>((left - seconds).count())};
}

}  // namespace

Loop::Loop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  watch(wake_.get(), EPOLLIN, [this](std::uint32_t) {
    std::uint64_t count = 0;
    [[maybe_unused]] ssize_t n = ::read(wake_.get(), &count, sizeof count);
    run_posted();
  });
}

void Loop::watch(int fd, std::uint32_t events, Handler handler) {
  auto entry = std::make_shared<Watch>(std::move(handler), ++generation_);
  epoll_event event{};
  event.events = events;
  event.data.u64 = tag(fd, entry->generation);
  watches_[fd] = std::move(entry);
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0)
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void Loop::change(int fd, std::uint32_t events) {
  auto found = watches_.find(fd);
  if (found == watches_.end()) return;
  epoll_event event{};
  event.events = events;
  event.data.u64 = tag(fd, found->second->generation);
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void Loop::forget(int fd) {
  if (watches_.erase(fd) != 0) ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

Loop::Timer Loop::at(base::Instant when, Task task) {
  Timer timer{when, ++next_timer_};
  timers_.emplace(timer, std::move(task));
  return timer;
}

Loop::Timer Loop::after(base::Duration delay, Task task) {
  return at(std::chrono::steady_clock::now() + delay, std::move(task));
}

void Loop::post(Task task) {
  {
    std::lock_guard lock(mutex_);
    posted_.push_back(std::move(task));
  }
  std::uint64_t one = 1;
  [[maybe_unused]] ssize_t n = ::write(wake_.get(), &one, sizeof one);
}

void Loop::run(const Task& after_each) {
  stopped_ = false;
  while (!stopped_) {
    wait_and_dispatch();
    run_timers();
    if (after_each) after_each();
  }
}

void Loop::stop() {
  post([this] { stopped_ = true; });
}

void Loop::wait_and_dispatch() {
  std::array<epoll_event, 128> events{};
  int n = 0;
  if (timers_.empty()) {
    n = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), -1);
  } else {
    timespec left = until(timers_.begin()->first.first);
    n = ::epoll_pwait2(epoll_.get(), events.data(), static_cast<int>(events.size()), &left, nullptr);
  }
  for (int i = 0; i < n; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    auto found = watches_.find(static_cast<int>(event.data.u64 & 0xffffffffu));
    if (found == watches_.end() || found->second->generation != event.data.u64 >> 32) continue;
    std::shared_ptr<Watch> keep = found->second;  // the handler may forget itself
    keep->handler(event.events);
  }
}

void Loop::run_timers() {
  base::Instant now = std::chrono::steady_clock::now();
  while (!timers_.empty() && timers_.begin()->first.first <= now) {
    Task task = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    task();
  }
}

void Loop::run_posted() {
  std::vector<Task> tasks;
  {
    std::lock_guard lock(mutex_);
    tasks.swap(posted_);
  }
  for (Task& task : tasks) task();
}

}  // namespace msctl::local
