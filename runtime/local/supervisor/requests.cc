// What a person asks of a running supervisor: scale, restart, stop; and the end of the run.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/names.h"
#include "runtime/local/supervisor/supervisor.h"

namespace msctl::local {

base::Result<std::vector<Service*>> Supervisor::named(const std::vector<std::string>& names) {
  std::vector<Service*> out;
  for (const std::string& name : names) {
    Service* service = find(name);
    if (service == nullptr) {
      std::vector<std::string> known;
      for (const Service& each : services_) known.push_back(each.spec.name);
      return base::fail(base::Code::unknownName, fmt::format("there is no service '{}' in this run", name),
                        base::did_you_mean(name, known));
    }
    out.push_back(service);
  }
  return out;
}

base::Result<void> Supervisor::scale(const std::map<std::string, int>& replicas) {
  std::vector<std::string> names;
  for (const auto& [name, count] : replicas) names.push_back(name);
  auto services = named(names);
  if (!services) return std::unexpected(services.error());
  for (Service* service : *services) {
    int count = replicas.at(service->spec.name);
    if (count < 0 || count > 1000)
      return base::fail(base::Code::usage, fmt::format("{} is not a number of replicas", count), "0 to 1000");
    if (service->spec.external)
      return base::fail(
          base::Code::usage,
          fmt::format("{} runs elsewhere (url), so that it cannot be scaled here", service->spec.name));
  }
  for (Service* service : *services) {
    service->desired = replicas.at(service->spec.name);
    service->stopped = false;
    if (service->started) service->give_up_at = clock_.now() + policy_.start_timeout;
    report(Event::Kind::scaled, *service, nullptr, fmt::format("is scaled to {}", service->desired));
    adjust(*service);
  }
  advance();
  return {};
}

base::Result<void> Supervisor::restart(const std::vector<std::string>& names, Pace pace) {
  auto services = named(names);
  if (!services) return std::unexpected(services.error());
  for (Service* service : *services) {
    if (service->spec.external) continue;
    service->failure.reset();
    service->unhealthy.reset();
    service->to_restart.clear();
    if (service->build == BuildState::failed) {
      service->build = BuildState::running;
      report(Event::Kind::building, *service, nullptr, "is being built");
      effects_.build(service->spec.name);
    }
    if (service->stopped) {
      service->stopped = false;
      service->desired = std::max(service->desired, 1);
    }
    if (!service->started) continue;
    service->give_up_at = clock_.now() + policy_.start_timeout;
    for (Replica& replica : service->replicas) {
      replica.crashes = 0;
      if (replica.instance == 0)
        launch(*service, replica);
      else if (replica.state != State::ready)
        begin_stop(*service, replica, Replica::After::start, {});
      else if (pace == Pace::at_once)
        begin_stop(*service, replica, Replica::After::start, policy_.drain);
      else
        service->to_restart.push_back(replica.number);
    }
    adjust(*service);
    roll(*service);
  }
  advance();
  return {};
}

// The next of those to be restarted, once all others are ready again: a service with several replicas goes on
// serving.
void Supervisor::roll(Service& service) {
  if (service.to_restart.empty() || stopping_) return;
  bool quiet = std::ranges::all_of(service.replicas, [](const Replica& r) {
    return r.state == State::ready || r.after_end == Replica::After::remove;
  });
  if (!quiet) return;
  int number = service.to_restart.front();
  service.to_restart.erase(service.to_restart.begin());
  auto replica = std::ranges::find(service.replicas, number, &Replica::number);
  if (replica == service.replicas.end() || replica->after_end == Replica::After::remove) return roll(service);
  bool alone = service.replicas.size() == 1;
  begin_stop(service, *replica, Replica::After::start, alone ? base::Duration::zero() : policy_.drain);
}

base::Result<void> Supervisor::stop(const std::vector<std::string>& names) {
  auto services = named(names);
  if (!services) return std::unexpected(services.error());
  for (Service* service : *services) {
    service->stopped = true;
    service->started = false;
    service->failure.reset();
    service->unhealthy.reset();
    service->give_up_at.reset();
    service->to_restart.clear();
    if (!service->replicas.empty()) report(Event::Kind::stopping, *service, nullptr, "stops");
    for (Replica& replica : service->replicas)
      begin_stop(*service, replica, Replica::After::remove, policy_.drain);
    remove_gone(*service);
  }
  return {};
}

void Supervisor::stop_all() {
  if (stopping_) return;
  stopping_ = true;
  for (Service& service : services_) {
    service.give_up_at.reset();
    service.to_restart.clear();
    // What waits for its next start has nothing to be stopped.
    for (Replica& replica : service.replicas)
      if (replica.instance == 0) replica.after_end = Replica::After::remove;
    remove_gone(service);
  }
  stop_waves();
}

// Stops each service of which no dependent has a process any more.
void Supervisor::stop_waves() {
  if (!stopping_) return;
  for (Service& service : services_) {
    bool needed = std::ranges::any_of(services_, [&](const Service& other) {
      return !other.replicas.empty() &&
             std::ranges::find(other.spec.needs, service.spec.name) != other.spec.needs.end();
    });
    if (needed) continue;
    for (Replica& replica : service.replicas)
      if (replica.state != State::stopping || !replica.termed)
        begin_stop(service, replica, Replica::After::remove, base::Duration::zero());
      else
        replica.after_end = Replica::After::remove;
  }
}

void Supervisor::kill_all() {
  stop_all();
  for (Service& service : services_)
    for (Replica& replica : service.replicas) {
      replica.state = State::stopping;
      replica.after_end = Replica::After::remove;
      replica.termed = true;
      if (replica.instance != 0) effects_.kill(replica);
    }
}

}  // namespace msctl::local
