// Decides what a run does next. A state machine without input or output of its own: events come in as calls,
// what is to be done goes out through Effects, time comes from a Clock. One thread.
#pragma once

#include <set>

#include "runtime/local/supervisor/policy.h"
#include "runtime/local/supervisor/types.h"

namespace msctl::local {

class Supervisor {
public:
  // `services`: needs may stand in any order, and all exist. Nothing happens before start().
  Supervisor(const base::Clock& clock, Effects& effects, Policy policy, std::vector<ServiceSpec> services);

  void start();

  // What happened.
  void build_ended(const std::string& service, std::optional<base::Error> failure);
  void spawned(std::uint64_t instance, int pid);
  void refused(std::uint64_t instance, base::Error error);
  void ended(std::uint64_t instance, const std::string& how, const std::string& last_words);
  void probed(std::uint64_t instance, Probe what, bool ok, const std::string& answer);
  void tick();  // at or after deadline()
  std::optional<base::Instant> deadline() const;

  // What a person asks for. Errors: unknownName, usage.
  base::Result<void> scale(const std::map<std::string, int>& replicas);
  // One replica after the other, so that a service with several goes on serving; or all at once.
  enum class Pace { rolling, at_once };
  base::Result<void> restart(const std::vector<std::string>& names, Pace pace = Pace::rolling);
  base::Result<void> stop(const std::vector<std::string>& names);
  void stop_all();  // in reverse order of needs; finished() tells the end
  void kill_all();

  // What is.
  bool stopping() const { return stopping_; }
  bool finished() const;  // after stop_all: no process is left
  bool all_ready() const;
  const std::vector<Service>& services() const { return services_; }
  const Service* find(const std::string& name) const;
  State state_of(const Service& service) const;
  int ready_count(const Service& service) const;
  std::vector<release::Condition> conditions(const Service& service) const;
  // Why these will never be ready unless something is changed (their own failure or a need's).
  std::optional<base::Error> hopeless(const std::set<std::string>& names) const;

private:
  Service* find(const std::string& name);
  std::pair<Service*, Replica*> find(std::uint64_t instance);
  base::Result<std::vector<Service*>> named(const std::vector<std::string>& names);
  const Service* blocked_by(const Service& service) const;

  void advance();
  void adjust(Service& service);
  void launch(Service& service, Replica& replica);
  void became_ready(Service& service, Replica& replica);
  void became_unready(Service& service, Replica& replica, const std::string& answer);
  void begin_stop(Service& service, Replica& replica, Replica::After after, base::Duration drain);
  void terminate(Replica& replica);
  void crashed(Service& service, Replica& replica, const std::string& how, const std::string& last_words);
  void not_live(Service& service, Replica& replica, const std::string& answer);
  void fail(Service& service, base::Error error);
  void roll(Service& service);
  void stop_waves();
  void act(Service& service, Replica& replica, base::Instant now);
  void rebalance(const Service& service);
  void remove_gone(Service& service);
  void report(Event::Kind kind, const Service& service, const Replica* replica, std::string message,
              std::optional<base::Code> code = {});

  const base::Clock& clock_;
  Effects& effects_;
  Policy policy_;
  std::vector<Service> services_;
  std::uint64_t next_instance_ = 0;
  bool running_ = false;
  bool stopping_ = false;
};

}  // namespace msctl::local
