// The machine itself. How a replica's state moves:
//
//   pending ──launch──► starting ──ready──► ready ◄──► unready
//                          │                  │           │
//                          └──────── crash ───┴───────────┘──► backoff ──► starting
//   any ──begin_stop──► stopping ──ended──► removed, or starting again (a restart)
//
// A service starts when its build is done and each of its needs has a ready replica; after that first time it
// does not depend on the needs' readiness any more, as in a cluster.
#include "runtime/local/supervisor/supervisor.h"

#include <fmt/format.h>

#include <algorithm>

namespace msctl::local {
namespace {

std::string in_ms(base::Duration d) {
  return fmt::format("{} ms", std::chrono::duration_cast<std::chrono::milliseconds>(d).count());
}

bool has_process(const Replica& replica) {
  return replica.instance != 0;
}

}  // namespace

Supervisor::Supervisor(const base::Clock& clock, Effects& effects, Policy policy,
                       std::vector<ServiceSpec> services)
    : clock_(clock), effects_(effects), policy_(policy) {
  for (ServiceSpec& spec : services) {
    Service service;
    service.desired = spec.external ? 0 : spec.replicas;
    service.build = spec.builds ? BuildState::wanted : BuildState::none;
    service.spec = std::move(spec);
    services_.push_back(std::move(service));
  }
}

void Supervisor::start() {
  running_ = true;
  for (Service& service : services_)
    if (service.build == BuildState::wanted) {
      service.build = BuildState::running;
      report(Event::Kind::building, service, nullptr, "is being built");
      effects_.build(service.spec.name);
    }
  advance();
}

// Starts what can start now.
void Supervisor::advance() {
  if (!running_ || stopping_) return;
  for (Service& service : services_) {
    if (service.started || service.stopped || service.spec.external || service.failure) continue;
    if (service.build == BuildState::running || service.build == BuildState::failed) continue;
    bool needs_ready = std::ranges::all_of(service.spec.needs, [&](const std::string& need) {
      const Service* other = find(need);
      return other->spec.external || ready_count(*other) > 0 || (other->started && other->desired == 0);
    });
    if (!needs_ready) continue;
    service.started = true;
    service.give_up_at = clock_.now() + policy_.start_timeout;
    adjust(service);
  }
}

// Makes the number of replicas the desired one: the lowest free numbers come, the highest go.
void Supervisor::adjust(Service& service) {
  if (!service.started || stopping_) return;
  auto staying = [&] {
    return std::ranges::count_if(service.replicas,
                                 [](const Replica& r) { return r.after_end != Replica::After::remove; });
  };
  for (auto left = staying(); left > service.desired; --left) {
    auto last = std::ranges::find_if(service.replicas.rbegin(), service.replicas.rend(),
                                     [](const Replica& r) { return r.after_end != Replica::After::remove; });
    begin_stop(service, *last, Replica::After::remove, policy_.drain);
  }
  remove_gone(service);
  for (int number = 1; staying() < service.desired; ++number) {
    auto place = std::ranges::lower_bound(service.replicas, number, {}, &Replica::number);
    if (place != service.replicas.end() && place->number == number) continue;
    Replica replica;
    replica.service = service.spec.name;
    replica.number = number;
    launch(service, *service.replicas.insert(place, std::move(replica)));
  }
}

void Supervisor::launch(Service& service, Replica& replica) {
  replica.instance = ++next_instance_;
  replica.state = State::starting;
  replica.after_end = Replica::After::nothing;
  replica.was_ready = replica.asked_ready = replica.asked_live = replica.termed = false;
  replica.pid = replica.live_failures = 0;
  replica.since = clock_.now();
  replica.started = clock_.wall();
  replica.act_at.reset();
  replica.ready_at.reset();
  replica.live_at.reset();
  replica.last_answer.clear();
  report(Event::Kind::starting, service, &replica, "starts");
  replica.port = effects_.start(replica);
}

void Supervisor::build_ended(const std::string& name, std::optional<base::Error> failure) {
  Service* service = find(name);
  if (service == nullptr || service->build != BuildState::running) return;
  service->build = failure ? BuildState::failed : BuildState::done;
  if (failure) {
    report(Event::Kind::buildFailed, *service, nullptr, failure->message, failure->code);
    fail(*service, std::move(*failure));
  } else {
    report(Event::Kind::built, *service, nullptr, "is built");
  }
  advance();
}

void Supervisor::spawned(std::uint64_t instance, int pid) {
  auto [service, replica] = find(instance);
  if (replica == nullptr) return;
  replica->pid = pid;
  if (replica->state != State::starting) {
    // Asked to stop before it was there: the signal went to nobody.
    if (replica->termed) effects_.terminate(*replica);
    return;
  }
  // It may have waited for others to be started: that time says nothing of its own start.
  replica->since = clock_.now();
  replica->asked_ready = true;
  effects_.probe(*replica, Probe::ready, policy_.ready_timeout);
}

void Supervisor::refused(std::uint64_t instance, base::Error error) {
  auto [service, replica] = find(instance);
  if (replica == nullptr) return;
  replica->instance = 0;
  replica->pid = 0;
  if (replica->state == State::stopping) {
    replica->after_end = Replica::After::remove;
    remove_gone(*service);
    stop_waves();
    return;
  }
  replica->state = State::failed;
  replica->act_at.reset();
  fail(*service, std::move(error));
}

void Supervisor::ended(std::uint64_t instance, const std::string& how, const std::string& last_words) {
  auto [service, replica] = find(instance);
  if (replica == nullptr) return;
  bool was_balanced = replica->state == State::ready;
  replica->instance = 0;
  replica->pid = 0;
  replica->asked_ready = replica->asked_live = false;
  replica->ready_at.reset();
  replica->live_at.reset();
  replica->act_at.reset();
  if (!stopping_ && replica->state == State::stopping && replica->after_end == Replica::After::start) {
    ++replica->restarts;
    ++service->restarts;
    if (replica->live_failures == 0)
      launch(*service, *replica);
    else
      crashed(*service, *replica, how, last_words);
    return;
  }
  if (replica->state == State::stopping || stopping_) {
    report(Event::Kind::stopped, *service, replica, "has stopped (" + how + ")");
    replica->after_end = Replica::After::remove;
    replica->state = State::stopped;
    remove_gone(*service);
    if (was_balanced) rebalance(*service);
    stop_waves();
    advance();
    return;
  }
  ++replica->restarts;
  ++service->restarts;
  bool was_ready = replica->was_ready;
  std::string message =
      fmt::format("ended by itself: {}{}", how, last_words.empty() ? "" : "; its last words:\n" + last_words);
  report(Event::Kind::crashed, *service, replica, message, base::Code::crashed);
  if (was_ready && clock_.now() - replica->ready_since >= policy_.stable) replica->crashes = 0;
  crashed(*service, *replica, how, last_words);
  if (was_balanced) rebalance(*service);
}

// Plans the next start: the first at once, the others after a doubling pause.
void Supervisor::crashed(Service& service, Replica& replica, const std::string& how,
                         const std::string& last_words) {
  int before = replica.crashes++;
  base::Error error;
  error.code = base::Code::crashed;
  error.message = fmt::format("{} ended by itself {} time{} in a row: {}", replica.id(), replica.crashes,
                              replica.crashes == 1 ? "" : "s", how);
  error.suggestion = fmt::format("msctl logs {} --previous", service.spec.name);
  if (!last_words.empty()) error.notes = {"last words: " + last_words};
  service.unhealthy = error;
  // Also of one that is ready for a moment each time: an earlier stable time would have reset the count.
  if (replica.crashes >= policy_.crash_limit && !service.failure) fail(service, std::move(error));
  if (before == 0) return launch(service, replica);
  replica.state = State::backoff;
  base::Duration pause = policy_.backoff_limit;
  if (before <= 20) pause = std::min(pause, policy_.backoff_first * (1 << (before - 1)));
  replica.act_at = clock_.now() + pause;
}

void Supervisor::probed(std::uint64_t instance, Probe what, bool ok, const std::string& answer) {
  auto [service, replica] = find(instance);
  if (replica == nullptr) return;
  (what == Probe::ready ? replica->asked_ready : replica->asked_live) = false;
  bool serving =
      replica->state == State::starting || replica->state == State::ready || replica->state == State::unready;
  if (!serving) return;
  base::Instant now = clock_.now();
  if (what == Probe::live) {
    replica->live_failures = ok ? 0 : replica->live_failures + 1;
    replica->live_at = now + (ok ? policy_.live_every : policy_.live_retry);
    if (replica->live_failures >= policy_.live_failures) not_live(*service, *replica, answer);
    return;
  }
  if (ok) {
    replica->ready_at = now + policy_.ready_every;
    if (replica->state != State::ready) became_ready(*service, *replica);
    return;
  }
  replica->last_answer = answer;
  if (replica->state == State::ready) became_unready(*service, *replica, answer);
  base::Duration pause = policy_.unready_every;
  if (replica->state == State::starting)
    pause =
        std::clamp<base::Duration>((now - replica->since) / 4, policy_.probe_first, policy_.probe_slowest);
  replica->ready_at = now + pause;
}

void Supervisor::became_ready(Service& service, Replica& replica) {
  base::Instant now = clock_.now();
  bool first = replica.state == State::starting;
  replica.state = State::ready;
  replica.was_ready = true;
  replica.ready_since = now;
  if (service.spec.checks_live && !replica.live_at) replica.live_at = now + policy_.live_every;
  bool whole = ready_count(service) >= service.desired;
  if (whole) {
    service.unhealthy.reset();
    service.failure.reset();
    service.give_up_at.reset();
  }
  rebalance(service);
  report(Event::Kind::ready, service, &replica,
         first ? "is ready after " + in_ms(now - replica.since) : "is ready again");
  roll(service);
  advance();
}

void Supervisor::became_unready(Service& service, Replica& replica, const std::string& answer) {
  replica.state = State::unready;
  base::Error error;
  error.code = base::Code::neverReady;
  error.message = fmt::format("{} is not ready: {}", replica.id(), answer);
  service.unhealthy = std::move(error);
  rebalance(service);
  report(Event::Kind::unready, service, &replica, "is not ready any more: " + answer, base::Code::neverReady);
}

void Supervisor::not_live(Service& service, Replica& replica, const std::string& answer) {
  report(Event::Kind::notLive, service, &replica, "does not answer any more and is restarted: " + answer,
         base::Code::notLive);
  begin_stop(service, replica, Replica::After::start, base::Duration::zero());
  replica.act_at = clock_.now() + policy_.live_grace;
}

// Out of balance first; SIGTERM after `drain`; SIGKILL after the grace.
void Supervisor::begin_stop(Service& service, Replica& replica, Replica::After after, base::Duration drain) {
  if (after == Replica::After::remove || replica.after_end == Replica::After::nothing)
    replica.after_end = after;
  if (replica.state == State::stopping && replica.termed) return;
  bool was_ready = replica.state == State::ready;
  if (!has_process(replica)) {
    replica.act_at.reset();
    replica.state = State::stopped;
    return;
  }
  replica.state = State::stopping;
  replica.ready_at.reset();
  replica.live_at.reset();
  if (was_ready) rebalance(service);
  if (!was_ready || drain == base::Duration::zero()) return terminate(replica);
  replica.act_at = clock_.now() + drain;
}

void Supervisor::terminate(Replica& replica) {
  replica.termed = true;
  replica.act_at = clock_.now() + policy_.grace;
  effects_.terminate(replica);
}

void Supervisor::tick() {
  base::Instant now = clock_.now();
  for (Service& service : services_) {
    if (service.give_up_at && *service.give_up_at <= now) {
      service.give_up_at.reset();
      auto late =
          std::ranges::find_if(service.replicas, [](const Replica& r) { return r.state != State::ready; });
      if (late != service.replicas.end() && !service.failure) {
        base::Error error;
        error.code = base::Code::neverReady;
        error.message =
            fmt::format("{} is not ready after {} s: {}", late->id(),
                        std::chrono::duration_cast<std::chrono::seconds>(policy_.start_timeout).count(),
                        late->last_answer.empty() ? "no answer" : late->last_answer);
        fail(service, std::move(error));
      }
    }
    for (std::size_t i = 0; i < service.replicas.size(); ++i) act(service, service.replicas[i], now);
    remove_gone(service);
  }
}

void Supervisor::act(Service& service, Replica& replica, base::Instant now) {
  if (replica.act_at && *replica.act_at <= now) {
    replica.act_at.reset();
    if (replica.state == State::backoff)
      launch(service, replica);
    else if (replica.state == State::stopping && !replica.termed)
      terminate(replica);
    else if (replica.state == State::stopping)
      effects_.kill(replica);
  }
  if (replica.ready_at && *replica.ready_at <= now && !replica.asked_ready) {
    replica.ready_at.reset();
    replica.asked_ready = true;
    effects_.probe(replica, Probe::ready, policy_.ready_timeout);
  }
  if (replica.live_at && *replica.live_at <= now && !replica.asked_live) {
    replica.live_at.reset();
    replica.asked_live = true;
    effects_.probe(replica, Probe::live, policy_.live_timeout);
  }
}

std::optional<base::Instant> Supervisor::deadline() const {
  std::optional<base::Instant> first;
  auto consider = [&](const std::optional<base::Instant>& when) {
    if (when && (!first || *when < *first)) first = when;
  };
  for (const Service& service : services_) {
    consider(service.give_up_at);
    for (const Replica& replica : service.replicas) {
      consider(replica.act_at);
      consider(replica.ready_at);
      consider(replica.live_at);
    }
  }
  return first;
}

void Supervisor::fail(Service& service, base::Error error) {
  report(Event::Kind::failed, service, nullptr, error.message, error.code);
  service.failure = std::move(error);
  service.give_up_at.reset();
  service.to_restart.clear();
}

void Supervisor::rebalance(const Service& service) {
  std::vector<const Replica*> ready;
  for (const Replica& replica : service.replicas)
    if (replica.state == State::ready) ready.push_back(&replica);
  effects_.balance(service.spec.name, ready);
}

void Supervisor::remove_gone(Service& service) {
  std::erase_if(service.replicas,
                [](const Replica& r) { return r.after_end == Replica::After::remove && !has_process(r); });
}

void Supervisor::report(Event::Kind kind, const Service& service, const Replica* replica, std::string message,
                        std::optional<base::Code> code) {
  effects_.report(
      {kind, service.spec.name, replica != nullptr ? replica->id() : "", std::move(message), code});
}

}  // namespace msctl::local
