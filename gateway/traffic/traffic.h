// What goes through a gateway to each upstream, in numbers that can be added up over its replicas.
//
// Quantiles are no such numbers: those of two replicas say nothing of both together. So the counts behind
// them are told, and a quantile is taken of their sum.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace msctl::gateway::traffic {

// Upper bounds of the durations, in seconds; one more bucket takes what is above.
inline constexpr std::array<double, 14> bounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                               0.1,    0.25,  0.5,    1,     2.5,  5,     10};
// Requests by duration: of each bucket alone.
using Buckets = std::array<std::uint64_t, bounds.size() + 1>;

// Since the gateway's start.
struct Totals {
  std::uint64_t requests = 0;   // answered, or given up by their clients
  std::uint64_t errors = 0;     // of them, those with a status 5xx, whoever it came from
  std::uint64_t in_flight = 0;  // begun and not answered yet; those that wait for a replica are among them
  Buckets buckets{};
};
using AllTotals = std::map<std::string, Totals, std::less<>>;  // by upstream

// Over the last seconds.
struct Flow {
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;
  std::uint64_t in_flight = 0;  // now
  Buckets buckets{};
  double per_second = 0;
  double errors_per_second = 0;

  // Another replica's, whose seconds may be others.
  void add(const Flow& other);
  // Seconds that this part (0.95) of the requests took at most, even within a bucket, as PromQL's
  // histogram_quantile() takes it; what lies above the highest bound counts as that. 0 where there were none.
  double quantile(double part) const;
};

struct Traffic {
  double seconds = 0;  // that were looked at: fewer just after the start
  std::map<std::string, Flow, std::less<>> upstreams;
};

}  // namespace msctl::gateway::traffic
