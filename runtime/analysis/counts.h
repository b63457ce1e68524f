// What is known of two versions that serve the same traffic at the same time: counters as they are read from
// a gateway, and what they grew by between two readings.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/error.h"

namespace msctl::analysis {

// How many requests took at most so long. The buckets are Prometheus': cumulative, the last one (+Inf) counts
// all.
struct Histogram {
  std::vector<double> bounds;             // seconds, growing, without +Inf
  std::vector<std::uint64_t> cumulative;  // one more than bounds

  std::uint64_t count() const { return cumulative.empty() ? 0 : cumulative.back(); }
};

// One version's counters. An error is an answer 5xx, and what never became an answer (connection refused or
// broken, time-out); an answer 4xx is the client's. The histogram need not count the same requests as
// `requests`.
struct Counts {
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;
  Histogram latency;
};

// Both versions, read at the same moment.
struct Both {
  Counts stable;
  Counts canary;
};

// What one gateway's counters say, at a time since the step began (since the weights were set).
struct Reading {
  std::string source;  // which gateway: each has counters of its own
  base::Duration at{};
  Both counters;
};

// Increases, in slices of time: all that happened between two rounds of readings. Conditions that both
// versions met together (a burst, a dependency that was down) fall into the same slices.
class Slices {
public:
  // Nothing before `warm_up` counts: a version that just started is slow for reasons that pass.
  explicit Slices(base::Duration warm_up = {}) : warm_up_(warm_up) {}

  // One round: the readings of all gateways at about the same moment. The first reading of a source at or
  // after the warm-up is where its counting begins. A counter that fell began anew with its process: it grew
  // by what it shows. Errors (Code::badCounters): bounds that do not grow or differ from those before,
  // buckets that are not cumulative, more errors than requests, time that runs backwards. The round is then
  // left out as a whole.
  base::Result<void> add(const std::vector<Reading>& round);

  const std::vector<Both>& all() const { return slices_; }
  Both total() const;
  base::Duration span() const;  // how long was counted

private:
  base::Result<void> check(const Reading& reading) const;

  base::Duration warm_up_;
  base::Duration last_{};
  std::optional<base::Duration> first_;  // where counting began
  std::vector<double> bounds_;
  std::map<std::string, Both> before_;
  std::vector<Both> slices_;
};

// Adds what `from` counted; an empty histogram takes the other's bounds.
void add(Counts& to, const Counts& from);

}  // namespace msctl::analysis
