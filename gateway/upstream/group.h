// One thread's view of an upstream: its endpoints, each with the thread's own idle connections. Not
// thread-safe; changed by a task that the reactor runs between requests.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "gateway/upstream/balancer.h"
#include "gateway/upstream/endpoint.h"
#include "gateway/upstream/gate.h"
#include "gateway/upstream/idle_list.h"

namespace msctl::gateway::upstream {

// An endpoint as one thread sees it. Lives until it is removed from its group and nobody uses it any more.
class Target {
public:
  explicit Target(std::shared_ptr<Endpoint> of) : endpoint(std::move(of)) {}
  void enter() { ++users_; }
  void leave();  // may end its life
  bool removed() const { return removed_; }

  std::shared_ptr<Endpoint> endpoint;
  IdleList idle;

private:
  friend class Group;
  ~Target() = default;
  std::uint32_t users_ = 0;  // connections
  bool removed_ = false;
};

class Group {
public:
  explicit Group(std::shared_ptr<const Gate> gate) : gate_(std::move(gate)) {}
  ~Group() { set({}); }
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

  // Those that are gone get no new request; their idle connections are closed, what is under way ends by
  // itself.
  void set(const Endpoints& endpoints);
  bool empty() const { return targets_.empty(); }

  // Closes the idle connections of some endpoints, until about so many are closed. How many were.
  std::size_t close_idle(std::size_t about);

  bool is_open() const { return gate_->is_open(); }
  base::Duration patience() const { return gate_->patience(); }

  // Null when there is none. `except`: see pick().
  Target* choose(config::Balancing balancing, Random& random, base::Instant now,
                 const Endpoint* except = nullptr);

private:
  std::shared_ptr<const Gate> gate_;
  std::vector<Endpoint*> endpoints_;  // side by side with targets_
  std::vector<Target*> targets_;
};

}  // namespace msctl::gateway::upstream
