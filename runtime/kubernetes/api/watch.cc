#include "runtime/kubernetes/api/watch.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace msctl::kubernetes::api {
namespace {

constexpr std::size_t most_waiting = 1024;  // events that nobody has taken yet; then the watches wait
constexpr auto tick = std::chrono::milliseconds{50};

// What the watches' threads tell the one that listens.
class Mailbox {
public:
  explicit Mailbox(std::function<bool()> interrupted) : interrupted_(std::move(interrupted)) {}

  bool put(Event event) {
    std::unique_lock lock(mutex_);
    while (events_.size() >= most_waiting && !stopped()) room_.wait_for(lock, tick);
    if (stopped()) return false;
    events_.push_back(std::move(event));
    filled_.notify_one();
    return true;
  }

  void fail(Failure failure) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::move(failure);
    filled_.notify_one();
  }

  // All that is there; waits for a moment where there is nothing.
  std::deque<Event> take() {
    std::unique_lock lock(mutex_);
    if (events_.empty() && !failure_) filled_.wait_for(lock, tick);
    room_.notify_all();
    return std::exchange(events_, {});
  }

  std::optional<Failure> failure() {
    const std::lock_guard lock(mutex_);
    return failure_;
  }

  void stop() { stopped_ = true; }
  bool stopped() const { return stopped_ || (interrupted_ && interrupted_()); }

private:
  std::function<bool()> interrupted_;
  std::atomic<bool> stopped_ = false;
  std::mutex mutex_;
  std::condition_variable room_, filled_;
  std::deque<Event> events_;
  std::optional<Failure> failure_;
};

}  // namespace

Answer<void> watch(const Client& client, const std::vector<Watch>& what,
                   const std::function<bool(const Event&)>& take, const std::function<bool()>& go_on) {
  Mailbox box(client.limits().interrupted);
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < what.size(); ++i)
    threads.emplace_back([&box, &client, each = what[i], i] {
      Limits limits = client.limits();
      limits.interrupted = [&box] { return box.stopped(); };
      Reflector reflector(client.with(std::move(limits)), each);
      auto ran = reflector.run([&](Event event) {
        event.watch = i;
        return box.put(std::move(event));
      });
      if (!ran) box.fail(std::move(ran.error()));
    });
  const auto listen = [&]() -> Answer<void> {
    for (;;) {
      if (!go_on() || box.stopped()) return {};
      const std::deque<Event> events = box.take();
      for (const Event& event : events)
        if (!take(event)) return {};
      if (auto failure = box.failure(); failure && events.empty())
        return std::unexpected(std::move(*failure));
    }
  };
  auto out = listen();
  box.stop();
  return out;
}

}  // namespace msctl::kubernetes::api
