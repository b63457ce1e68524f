// What happened over the last half minute, told from counters that only ever grow: they are noted down every
// few seconds, and what is asked for is the difference between now and the note that is old enough.
//
// One thread notes, others ask.
#pragma once

#include <deque>
#include <mutex>

#include "gateway/traffic/traffic.h"
#include "runtime/base/clock.h"

namespace msctl::gateway::traffic {

class Window {
public:
  static constexpr base::Duration every = std::chrono::seconds(5);
  // As long as two of the times at which an autoscaler looks (15 s), so that none of them misses a request.
  static constexpr base::Duration length = std::chrono::seconds(30);

  // Of `totals` at that time. The first note is the gateway's start.
  void note(base::Instant now, AllTotals totals);
  // From the youngest note that is at least `length` old, else from the oldest, until now. Of less than
  // a second all that happened is told as that second's.
  Traffic until(base::Instant now, const AllTotals& totals) const;

private:
  struct Note {
    base::Instant at;
    AllTotals totals;
  };
  mutable std::mutex mutex_;
  std::deque<Note> notes_;  // the oldest first
};

}  // namespace msctl::gateway::traffic
