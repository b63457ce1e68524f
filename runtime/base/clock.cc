#include "runtime/base/clock.h"

#include <fmt/chrono.h>

namespace msctl::base {

std::string to_rfc3339(WallTime time) {
  auto ms = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
  std::time_t seconds = static_cast<std::time_t>(ms / 1000);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds), ms % 1000);
}

}  // namespace msctl::base
