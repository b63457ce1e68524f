#include "pipelines/run/schedule.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace msctl::pipeline {
namespace {

bool is_good(Verdict verdict) {
  return verdict == Verdict::passed || verdict == Verdict::kept;
}

class Schedule {
public:
  Schedule(const std::vector<const Job*>& jobs, const base::Clock& clock,
           const std::function<Ended(const Job&)>& run, const Watcher& watcher)
      : jobs_(jobs), clock_(clock), run_(run), watcher_(watcher), out_(jobs.size()), states_(jobs.size()) {
    for (std::size_t i = 0; i < jobs.size(); ++i) numbers_[jobs[i]->id] = i;
  }

  std::vector<Ended> go(unsigned parallel) {
    {
      std::vector<std::jthread> threads;
      for (unsigned i = 1; i < std::min<std::size_t>(parallel, jobs_.size()); ++i)
        threads.emplace_back([this] { work(); });
      work();
    }
    return std::move(out_);
  }

private:
  enum class State { waiting, running, ended };

  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      settle();
      if (std::ranges::all_of(states_, [](State state) { return state == State::ended; })) return;
      const std::size_t next = ready();
      if (next == jobs_.size()) {
        changed_.wait(lock);
        continue;
      }
      states_[next] = State::running;
      watcher_.begun(*jobs_[next]);
      lock.unlock();
      Ended ended = run_(*jobs_[next]);
      lock.lock();
      cancelled_ |= ended.verdict == Verdict::cancelled;
      finish(next, std::move(ended));
    }
  }

  // Ends those that can no longer run. One pass is not enough: the end of one may be the end of others.
  void settle() {
    for (bool again = true; again;) {
      again = false;
      for (std::size_t i = 0; i < jobs_.size(); ++i) {
        if (states_[i] != State::waiting) continue;
        const bool lost =
            std::ranges::any_of(jobs_[i]->after, [&](const std::string& id) { return is_lost(id); });
        if (!lost && !cancelled_) continue;
        const base::Instant now = clock_.now();
        finish(i, {jobs_[i], cancelled_ ? Verdict::cancelled : Verdict::skipped, now, now, {}, {}});
        again = true;
      }
    }
  }

  bool is_lost(const std::string& id) const {
    auto found = numbers_.find(id);
    return found != numbers_.end() && states_[found->second] == State::ended &&
           !is_good(out_[found->second].verdict);
  }

  bool is_done(const std::string& id) const {
    auto found = numbers_.find(id);
    return found == numbers_.end() ||
           (states_[found->second] == State::ended && is_good(out_[found->second].verdict));
  }

  std::size_t ready() const {
    for (std::size_t i = 0; i < jobs_.size(); ++i)
      if (states_[i] == State::waiting &&
          std::ranges::all_of(jobs_[i]->after, [&](const std::string& id) { return is_done(id); }))
        return i;
    return jobs_.size();
  }

  void finish(std::size_t number, Ended ended) {
    ended.job = jobs_[number];
    states_[number] = State::ended;
    watcher_.ended(ended);
    out_[number] = std::move(ended);
    changed_.notify_all();
  }

  const std::vector<const Job*>& jobs_;
  const base::Clock& clock_;
  const std::function<Ended(const Job&)>& run_;
  const Watcher& watcher_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Ended> out_;
  std::vector<State> states_;
  std::map<std::string, std::size_t> numbers_;
  bool cancelled_ = false;
};

}  // namespace

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed:
      return "passed";
    case Verdict::failed:
      return "failed";
    case Verdict::skipped:
      return "skipped";
    case Verdict::kept:
      return "kept";
    case Verdict::cancelled:
      return "cancelled";
  }
  return {};
}

std::vector<Ended> schedule(const std::vector<const Job*>& jobs, unsigned parallel, const base::Clock& clock,
                            const std::function<Ended(const Job&)>& run, const Watcher& watcher) {
  return Schedule(jobs, clock, run, watcher).go(parallel);
}

std::vector<const Ended*> critical_path(const std::vector<Ended>& ended) {
  const auto ran = [](const Ended& one) { return one.end > one.begin; };
  const Ended* last = nullptr;
  for (const Ended& one : ended)
    if (ran(one) && (last == nullptr || one.end > last->end)) last = &one;
  std::vector<const Ended*> out;
  while (last != nullptr) {
    out.push_back(last);
    const Ended* before = nullptr;
    for (const Ended& one : ended)
      if (ran(one) && std::ranges::find(last->job->after, one.job->id) != last->job->after.end() &&
          (before == nullptr || one.end > before->end))
        before = &one;
    last = before;
  }
  std::ranges::reverse(out);
  return out;
}

}  // namespace msctl::pipeline
