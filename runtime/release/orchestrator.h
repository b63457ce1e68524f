// What a person can ask of running services, wherever they run. Implemented over the control socket of a
// local run (runtime/local) and over a cluster's API (runtime/kubernetes); the commands of cli/ know only
// this.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/error.h"
#include "runtime/release/status.h"

namespace msctl::release {

struct LogQuery {
  std::vector<std::string> services{};  // empty, and not `gateway`: all
  bool gateway = false;                 // the gateway's access log
  bool follow = false;
  bool previous = false;  // of the process before the last restart
  std::optional<base::Duration> since{};
  std::function<bool()> cancelled{};  // asked from time to time while nothing comes; may be empty
  std::string grep{};                 // POSIX extended regular expression (as grep -E), on the message
};

struct LogLine {
  std::string at;  // RFC 3339
  std::string service;
  std::string replica;
  std::string stream;  // stdout, stderr
  std::string text;
};

enum class WaitFor { ready, stopped };

class Orchestrator {
public:
  virtual ~Orchestrator() = default;

  virtual base::Result<Status> status() = 0;

  // What is, and then again each time that something has changed, until one of the two returns false. `idle`
  // is asked several times a second, whether something changes or not.
  virtual base::Result<void> watch(const std::function<bool(const Status&)>& seen,
                                   const std::function<bool()>& idle) = 0;

  // `line` returns false to end (a closed pipe, Ctrl-C).
  virtual base::Result<void> logs(const LogQuery& query, const std::function<bool(const LogLine&)>& line) = 0;

  // Has set `desired` when it returns.
  virtual base::Result<void> scale(const std::map<std::string, int>& replicas) = 0;

  virtual base::Result<void> restart(const std::vector<std::string>& services) = 0;

  // No names: the whole run, and returns when every process is gone.
  virtual base::Result<void> stop(const std::vector<std::string>& services) = 0;

  // Errors: waitTimeout, waitImpossible, unknownName.
  virtual base::Result<void> wait(const std::vector<std::string>& services, WaitFor what,
                                  base::Duration timeout) = 0;
};

}  // namespace msctl::release
