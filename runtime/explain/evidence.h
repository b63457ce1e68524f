// What is known of the replicas of one service, wherever they run: what was asked for, what became of it, and
// what was said on the way. Whoever runs services fills it; the rules (rules/) read it. Nothing here is
// judged.
//
// Words of others (reasons, messages, answers of probes, last words) stand as they were said.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/clock.h"

namespace msctl::explain {

using When = std::optional<base::WallTime>;  // nothing: not known

enum class ProbeKind { startup, readiness, liveness };
std::string_view to_string(ProbeKind kind);

// A check that was asked for.
struct Probe {
  ProbeKind kind = ProbeKind::readiness;
  std::string question;        // "GET /health/ready on port 8080"
  base::Duration timeout{};    // of one answer
  base::Duration allowance{};  // how long it may fail until something is done about it
};

// A check that failed.
struct ProbeFailure {
  ProbeKind kind = ProbeKind::readiness;
  std::string answer;  // "HTTP probe failed with statuscode: 503"
  int count = 1;
  When last = {};
};

// Why a container does not run yet, or not again: "ImagePullBackOff".
struct Waiting {
  std::string reason;
  std::string message;
};

// How a run of a container ended.
struct Ended {
  int exit_code = 0;
  int signal = 0;  // 0: none
  bool out_of_memory = false;
  std::string reason;  // "Error", "StartError"
  std::string message;
  When started = {};
  When at = {};
};

// Something that happened to a replica, as often as it did.
struct Event {
  std::string reason;  // "FailedMount"
  std::string message;
  std::string container;  // empty: the replica as a whole
  int count = 1;
  When first = {};
  When last = {};
};

// Settings that a replica refers to and that are not there.
struct Missing {
  enum class Kind : std::uint8_t { secret, config_map };
  Kind kind = Kind::secret;
  std::string name;
  std::string key = {};    // empty: all of it
  std::string words = {};  // those who missed it said so
  When since = {};
};

// One process, or container, of a replica.
struct Container {
  std::string name;
  std::string image;
  bool prepares = false;  // runs before the others, and ends (an init container)
  bool running = false;
  bool ready = false;
  bool started = false;  // its startup probe, if there is one, passed
  When since = {};       // it runs
  std::optional<Waiting> waiting = {};
  std::optional<Ended> ended = {};  // the last run that ended; of a new one, the one before
  int restarts = 0;
  int killed_by_startup = 0;  // so often ended by whoever runs it, as that probe failed
  int killed_by_liveness = 0;
  std::string last_words = {};  // of the run that ended; of the one that runs if none has
  std::int64_t memory = 0;      // limit in bytes; 0: none

  // How many runs have ended by now.
  int ends() const { return restarts + (!running && ended ? 1 : 0); }
};

struct Replica {
  std::string name;    // "orders-6c8f-x2x4p", "orders-1"
  bool is_new = true;  // of the version that was asked for last
  std::string node = {};
  When created = {};
  bool placed = true;              // a machine was found for it
  std::string place_refused = {};  // why not, in the scheduler's words
  bool ready = false;
  bool stopping = false;
  bool given_up = false;    // as a whole, by its machine: evicted, not admitted
  std::string reason = {};  // for that: "Evicted"
  std::string message = {};
  std::string node_trouble = {};  // its machine does not answer
  std::vector<Container> containers = {};
  std::vector<Probe> probes = {};
  std::vector<ProbeFailure> probe_failures = {};
  std::vector<Missing> missing = {};
  std::vector<Event> events = {};
};

// A replica that could not even be made: a quota, a policy.
struct Refused {
  std::string message;
  int count = 1;
  When since = {};
};

// The machines, as far as one may see them.
struct Machines {
  int count = 0;                              // 0: not known
  std::int64_t largest_cpu = 0;               // what the largest has in all, thousandths of a core
  std::int64_t largest_memory = 0;            // bytes
  std::optional<std::int64_t> free_cpu = {};  // the most that one has free; nothing: not known
  std::optional<std::int64_t> free_memory = {};
};

// Something that runs once and is to end well.
struct Once {
  bool failed = false;  // for good
  std::string reason;   // "BackoffLimitExceeded"
  std::string message;
  int failures = 0;
  std::string name = {};    // "migrate"; empty: as the service
  std::string object = {};  // what it is called where it runs: "orders-migrate-0123456789"
  base::Duration limit{};   // for all tries together; 0: none
  When since = {};          // it has failed
};

struct Evidence {
  base::WallTime now{};
  std::string service;
  std::string environment = "local";  // for the commands that a finding recommends
  std::string space = {};             // the namespace, in a cluster
  std::int64_t cpu = 0;               // asked for by one replica, thousandths of a core; 0: nothing stated
  std::int64_t memory = 0;            // bytes
  bool paused = false;
  std::string late = {};  // who counts the time says it is over: its words
  std::vector<Replica> replicas = {};
  std::vector<Refused> refused = {};
  Machines machines = {};
  std::optional<Once> once = {};
};

}  // namespace msctl::explain
