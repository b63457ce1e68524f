// The times and limits by which a run is supervised.
#pragma once

#include "runtime/base/clock.h"

namespace msctl::local {

using namespace std::chrono_literals;

struct Policy {
  // A service that is not ready within this time counts as failed for good; it is still given the chance.
  base::Duration start_timeout = 60s;
  base::Duration grace = 10s;    // from SIGTERM to SIGKILL
  base::Duration drain = 100ms;  // from "out of balance" to SIGTERM, when others go on serving

  // Restarts after a crash: the first at once, then doubling pauses; forgotten after a stable time.
  base::Duration backoff_first = 100ms;
  base::Duration backoff_limit = 30s;
  base::Duration stable = 1s;
  int crash_limit = 5;  // so many in a row without a stable time: failed for good

  // Readiness while starting: at once, then after a quarter of the time already spent, within these bounds.
  base::Duration probe_first = 500us;
  base::Duration probe_slowest = 1s;
  // Readiness of a ready one, and of one that was.
  base::Duration ready_every = 3s;
  base::Duration unready_every = 250ms;
  base::Duration ready_timeout = 1s;
  // Liveness.
  base::Duration live_every = 5s;
  base::Duration live_retry = 500ms;
  base::Duration live_timeout = 1s;
  int live_failures = 3;
  base::Duration live_grace = 2s;  // what does not answer will hardly finish anything
};

}  // namespace msctl::local
