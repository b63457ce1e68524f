// What the supervisor knows of services and replicas, and what it asks of the world around it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/error.h"
#include "runtime/release/status.h"

namespace msctl::local {

using release::State;

// The part of a service's description that supervision depends on.
struct ServiceSpec {
  std::string name;
  std::vector<std::string> needs;
  bool builds = false;       // has build steps, which are to be run
  bool external = false;     // runs elsewhere ("url:"): nothing to start, taken as ready
  bool checks_live = false;  // has a liveness check that tells more than the readiness check
  int replicas = 1;
};

struct Replica {
  std::string service;
  int number = 0;  // from 1
  State state = State::pending;
  std::uint64_t instance = 0;  // of the process; 0: none
  int pid = 0;
  int port = 0;
  int restarts = 0;
  base::WallTime started{};

  std::string id() const { return service + "-" + std::to_string(number); }

  // Supervision.
  enum class After { nothing, start, remove };
  After after_end = After::nothing;              // of the process, when stopping
  bool was_ready = false;                        // this process
  bool asked_ready = false, asked_live = false;  // a check is under way
  bool termed = false;                           // SIGTERM was sent
  int crashes = 0;                               // in a row
  int live_failures = 0;
  base::Instant since{};  // this process's start
  base::Instant ready_since{};
  std::optional<base::Instant> act_at;    // end of a back-off, of draining, of the grace
  std::optional<base::Instant> ready_at;  // next readiness check
  std::optional<base::Instant> live_at;   // next liveness check
  std::string last_answer;                // of a readiness check that failed
};

enum class BuildState { none, wanted, running, done, failed };

struct Service {
  ServiceSpec spec;
  BuildState build = BuildState::none;
  bool started = false;  // its needs have been ready once
  bool stopped = false;  // by 'stop SERVICE'
  int desired = 1;
  std::vector<Replica> replicas;            // by number
  int restarts = 0;                         // of all that it ever had
  std::optional<base::Error> failure;       // failed for good, until it becomes ready or is restarted
  std::optional<base::Error> unhealthy;     // why a replica is not ready now
  std::optional<base::Instant> give_up_at;  // when not being ready becomes a failure
  std::vector<int> to_restart;              // numbers still to be restarted, one at a time
};

// Something that a person may want to see.
struct Event {
  enum class Kind {
    building,
    built,
    buildFailed,
    starting,
    ready,
    unready,
    crashed,
    notLive,
    failed,
    stopping,
    stopped,
    scaled
  };
  Kind kind{};
  std::string service;
  std::string replica;  // empty: the service as a whole
  std::string message;
  std::optional<base::Code> code;
};
std::string_view to_string(Event::Kind kind);

enum class Probe { ready, live };

// Implemented by the run; by a recorder in tests. None of these calls back into the supervisor before it
// returns.
class Effects {
public:
  virtual ~Effects() = default;
  virtual void build(const std::string& service) = 0;  // → build_ended
  virtual int start(const Replica& replica) = 0;       // its port; → spawned or refused, later ended
  virtual void terminate(const Replica& replica) = 0;  // SIGTERM
  virtual void kill(const Replica& replica) = 0;       // SIGKILL
  virtual void probe(const Replica& replica, Probe what, base::Duration timeout) = 0;  // → probed
  virtual void balance(const std::string& service, const std::vector<const Replica*>& ready) = 0;
  virtual void report(const Event& event) = 0;
};

}  // namespace msctl::local
