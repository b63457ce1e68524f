// Reading the logs of a run, also of one that is over, and following them as they grow.
#pragma once

#include <functional>

#include "runtime/base/error.h"
#include "runtime/release/orchestrator.h"

namespace msctl::local {

struct LogSource {
  std::string folder;
  std::function<bool()> over;  // following ends when nothing will be written any more
};

// All services' lines in the order of time. Errors: usage (the regular expression).
base::Result<void> read_logs(const LogSource& source, const release::LogQuery& query, base::WallTime now,
                             const std::function<bool(const release::LogLine&)>& line);

}  // namespace msctl::local
