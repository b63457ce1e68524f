#include "gateway/traffic/sampler.h"

#include <utility>

namespace msctl::gateway::traffic {

Sampler::Sampler(const base::Clock& clock, std::function<AllTotals()> totals)
    : clock_(clock), totals_(std::move(totals)) {
  note();
  thread_ = std::thread([this] {
    std::unique_lock lock(mutex_);
    while (!ending_.wait_for(lock, Window::every, [this] { return ended_; })) note();
  });
}

Sampler::~Sampler() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  ending_.notify_one();
  thread_.join();
}

}  // namespace msctl::gateway::traffic
