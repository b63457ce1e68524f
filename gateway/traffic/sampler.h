// Notes a gateway's counters down every few seconds, from a thread of its own, for who asks what went through
// it lately.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "gateway/traffic/window.h"

namespace msctl::gateway::traffic {

class Sampler {
public:
  // `totals` is called from several threads until this ends.
  Sampler(const base::Clock& clock, std::function<AllTotals()> totals);
  ~Sampler();
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;

  // Until now.
  Traffic traffic() const { return window_.until(clock_.now(), totals_()); }

private:
  void note() { window_.note(clock_.now(), totals_()); }

  const base::Clock& clock_;
  std::function<AllTotals()> totals_;
  Window window_;
  std::mutex mutex_;
  std::condition_variable ending_;
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace msctl::gateway::traffic
