#include "gateway/upstream/group.h"

#include <algorithm>

namespace msctl::gateway::upstream {

void Target::leave() {
  if (--users_ == 0 && removed_) delete this;
}

void Group::set(const Endpoints& endpoints) {
  std::vector<Target*> before = std::move(targets_);
  targets_.clear();
  endpoints_.clear();
  for (const auto& endpoint : endpoints) {
    auto kept = std::ranges::find_if(
        before, [&](Target* each) { return each != nullptr && each->endpoint == endpoint; });
    targets_.push_back(kept == before.end() ? new Target(endpoint) : std::exchange(*kept, nullptr));
    endpoints_.push_back(endpoint.get());
  }
  for (Target* gone : before) {
    if (gone == nullptr) continue;
    gone->removed_ = true;
    gone->enter();  // so that closing the last idle connection does not end it under our hands
    gone->idle.close_all();
    gone->leave();
  }
}

std::size_t Group::close_idle(std::size_t about) {
  std::size_t closed = 0;
  for (std::size_t i = 0; i < targets_.size() && closed < about; ++i) {
    closed += targets_[i]->idle.size();
    targets_[i]->idle.close_all();
  }
  return closed;
}

Target* Group::choose(config::Balancing balancing, Random& random, base::Instant now,
                      const Endpoint* except) {
  int index = balancing == config::Balancing::alternate ? pick_by_turns(endpoints_, now, except)
                                                        : pick(endpoints_, random, now, except);
  return index < 0 ? nullptr : targets_[static_cast<std::size_t>(index)];
}

}  // namespace msctl::gateway::upstream
