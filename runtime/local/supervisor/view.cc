// What is: states, conditions, and what can still come true.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "runtime/local/supervisor/supervisor.h"

namespace msctl::local {

std::string_view to_string(Event::Kind kind) {
  constexpr std::array<std::string_view, 12> kNames{"building", "built",    "build-failed", "starting",
                                                    "ready",    "unready",  "crashed",      "not-live",
                                                    "failed",   "stopping", "stopped",      "scaled"};
  return kNames.at(static_cast<std::size_t>(kind));
}

const Service* Supervisor::find(const std::string& name) const {
  auto found = std::ranges::find_if(services_, [&](const Service& s) { return s.spec.name == name; });
  return found == services_.end() ? nullptr : &*found;
}

Service* Supervisor::find(const std::string& name) {
  return const_cast<Service*>(std::as_const(*this).find(name));
}

std::pair<Service*, Replica*> Supervisor::find(std::uint64_t instance) {
  if (instance == 0) return {nullptr, nullptr};
  for (Service& service : services_)
    for (Replica& replica : service.replicas)
      if (replica.instance == instance) return {&service, &replica};
  return {nullptr, nullptr};
}

int Supervisor::ready_count(const Service& service) const {
  return static_cast<int>(std::ranges::count(service.replicas, State::ready, &Replica::state));
}

bool Supervisor::finished() const {
  return stopping_ && std::ranges::all_of(services_, [](const Service& s) { return s.replicas.empty(); });
}

bool Supervisor::all_ready() const {
  return std::ranges::all_of(services_, [&](const Service& s) {
    return s.spec.external || s.stopped || (s.started && !s.failure && ready_count(s) >= s.desired);
  });
}

State Supervisor::state_of(const Service& service) const {
  auto any = [&](State state) {
    return std::ranges::find(service.replicas, state, &Replica::state) != service.replicas.end();
  };
  if (service.spec.external) return State::ready;
  if (service.stopped || stopping_) return service.replicas.empty() ? State::stopped : State::stopping;
  if (service.failure) return State::failed;
  if (service.build == BuildState::running) return State::building;
  if (!service.started) return State::pending;
  if (service.desired == 0) return service.replicas.empty() ? State::idle : State::stopping;
  if (ready_count(service) >= service.desired) return State::ready;
  for (State state : {State::unready, State::backoff, State::failed, State::starting, State::stopping})
    if (any(state)) return state;
  return State::pending;
}

// The need that keeps a service from starting, or that need's own need: the root of the trouble.
const Service* Supervisor::blocked_by(const Service& service) const {
  if (service.started) return nullptr;
  for (const std::string& name : service.spec.needs) {
    const Service* need = find(name);
    if (need->failure) return need;
    if (const Service* root = blocked_by(*need)) return root;
  }
  return nullptr;
}

std::vector<release::Condition> Supervisor::conditions(const Service& service) const {
  std::vector<release::Condition> out;
  State state = state_of(service);
  release::Condition ready{"Ready", state == State::ready, "", ""};
  const auto& why = service.failure ? service.failure : service.unhealthy;
  if (!ready.status && why) {
    ready.code = base::to_string(why->code);
    ready.message = why->message;
  } else if (const Service* root = ready.status ? nullptr : blocked_by(service)) {
    ready.code = base::to_string(root->failure->code);
    ready.message = fmt::format("waits for {}, which failed", root->spec.name);
  } else if (!service.started && !service.spec.external && !service.stopped) {
    for (const std::string& need : service.spec.needs)
      if (const Service* other = find(need); !other->spec.external && ready_count(*other) == 0)
        ready.message += (ready.message.empty() ? "waits for " : ", ") + need;
  } else if (!ready.status) {
    for (const Replica& replica : service.replicas)
      if (!replica.last_answer.empty() && replica.state != State::ready) {
        ready.code = base::to_string(base::Code::neverReady);
        ready.message = fmt::format("{} is not ready: {}", replica.id(), replica.last_answer);
      }
  }
  out.push_back(std::move(ready));
  if (service.spec.builds && service.build != BuildState::running)
    out.push_back({"Built", service.build == BuildState::done,
                   service.build == BuildState::failed ? base::to_string(base::Code::buildFailed) : "", ""});
  return out;
}

std::optional<base::Error> Supervisor::hopeless(const std::set<std::string>& names) const {
  for (const Service& service : services_) {
    if (!names.contains(service.spec.name)) continue;
    if (service.failure) return service.failure;
    if (const Service* root = blocked_by(service)) {
      base::Error error = *root->failure;
      error.message = fmt::format("{} waits for {}: {}", service.spec.name, root->spec.name, error.message);
      return error;
    }
  }
  return std::nullopt;
}

}  // namespace msctl::local
