#include "gateway/server/reactor.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

namespace msctl::gateway::server {

Reactor::Reactor() : now_(std::chrono::steady_clock::now()), timers_(now_) {
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (epoll_ < 0 || wake_ < 0) throw std::system_error(errno, std::generic_category(), "epoll");
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;  // null: the eventfd
  epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event);
}

Reactor::~Reactor() {
  bury();
  if (wake_ >= 0) close(wake_);
  if (epoll_ >= 0) close(epoll_);
}

base::Instant Reactor::refresh() {
  return now_ = std::chrono::steady_clock::now();
}

bool Reactor::add(int fd, Source& source, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &source;
  return epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0;
}

void Reactor::change(int fd, Source& source, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &source;
  epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event);
}

void Reactor::remove(int fd) {
  epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
}

void Reactor::again(Source& source) {
  if (source.queued_ || source.retired_) return;
  source.queued_ = true;
  again_.push_back(&source);
}

void Reactor::retire(Source* source) {
  if (source->retired_) return;
  source->retired_ = true;
  retired_.push_back(source);
}

void Reactor::bury() {
  while (!retired_.empty()) {
    auto dead = std::exchange(retired_, {});
    for (Source* source : dead) {
      if (source->queued_) std::erase(again_, source);
      delete source;
    }
  }
}

void Reactor::post(std::function<void()> task) {
  {
    std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  std::uint64_t one = 1;
  [[maybe_unused]] auto written = write(wake_, &one, sizeof one);
}

void Reactor::stop() {
  post([this] { stopped_ = true; });
}

void Reactor::run_tasks() {
  std::uint64_t count = 0;
  [[maybe_unused]] auto taken = read(wake_, &count, sizeof count);
  std::vector<std::function<void()>> tasks;
  {
    std::lock_guard lock(mutex_);
    tasks.swap(tasks_);
  }
  for (auto& task : tasks) task();
}

void Reactor::run_again() {
  again_now_.swap(again_);
  for (Source* source : again_now_) {
    source->queued_ = false;
    if (!source->retired_) source->on_events(0);
  }
  again_now_.clear();
}

int Reactor::wait_milliseconds() const {
  if (!again_.empty()) return 0;
  auto next = timers_.next(now_);
  if (!next) return -1;
  auto rounded_up = (*next + std::chrono::microseconds{999}) / std::chrono::milliseconds{1};
  return static_cast<int>(std::min<std::int64_t>(rounded_up, 60'000));
}

// Whether there are tasks, too.
bool Reactor::dispatch(std::span<const epoll_event> events, bool before_others) {
  bool tasks = false;
  for (const epoll_event& event : events) {
    auto* source = static_cast<Source*>(event.data.ptr);
    if (source == nullptr)
      tasks = true;
    else if (!source->retired_ && source->before_others_ == before_others)
      source->on_events(event.events);
  }
  return tasks;
}

void Reactor::run() {
  std::array<epoll_event, 256> events;
  refresh();
  while (!stopped_) {
    int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait_milliseconds());
    refresh();
    std::span happened(events.data(), static_cast<std::size_t>(std::max(count, 0)));
    dispatch(happened, true);
    bool tasks = dispatch(happened, false);
    if (!again_.empty()) run_again();
    timers_.advance(now_);
    if (tasks) run_tasks();
    bury();
    if (hook_) hook_();
  }
}

}  // namespace msctl::gateway::server
