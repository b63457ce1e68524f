// How often runtime/analysis errs, and how many requests it needs: seeded rollouts of two made-up versions,
// judged like real ones. Prints the table of docs/canary.md.
//
//   bench_canary [RUNS [SEED [SCENARIO]]]

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "runtime/analysis/judge.h"

namespace {

using namespace msctl::analysis;
using namespace std::chrono_literals;
using Random = std::mt19937_64;

// The gateway's buckets (gateway/telemetry/counters.h).
const std::vector<double> kBounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                  0.1,    0.25,  0.5,    1,     2.5,  5,     10};
constexpr auto kSlice = 5s;
constexpr int kLooks = 12;         // planned: a minute
constexpr int kMost = 6 * kLooks;  // then it is given up

// A version at one moment. Times are log-normal: median 40 ms, p90 86 ms, p99 162 ms.
struct Version {
  double errors = 0.001;
  double slower = 1;  // all requests
  double tail = 1;    // those above p95: the logarithm beyond it is stretched so
  int cluster = 1;    // errors come so many at a time
};

double share_within(const Version& v, double seconds) {
  constexpr double median = 0.04;
  constexpr double sigma = 0.6;
  const double p95 = median * std::exp(1.644854 * sigma);
  double x = seconds / v.slower;
  if (x > p95) x = p95 * std::pow(x / p95, 1 / v.tail);
  return 0.5 * std::erfc(-std::log(x / median) / sigma / std::sqrt(2.0));
}

std::uint64_t binomial(Random& random, std::uint64_t n, double p) {
  if (n == 0 || p <= 0) return 0;
  return std::binomial_distribution<std::uint64_t>(n, std::min(p, 1.0))(random);
}

void serve(Counts& counts, const Version& v, std::uint64_t requests, Random& random) {
  counts.requests += requests;
  const auto clusters = binomial(random, requests / static_cast<std::uint64_t>(v.cluster), v.errors);
  counts.errors += std::min(requests, clusters * static_cast<std::uint64_t>(v.cluster));
  counts.latency.bounds = kBounds;
  counts.latency.cumulative.resize(kBounds.size() + 1);
  std::uint64_t left = requests;
  double below = 0;
  for (std::size_t i = 0; i < kBounds.size(); ++i) {
    const double upto = share_within(v, kBounds[i]);
    left -= binomial(random, left, below < 1 ? (upto - below) / (1 - below) : 1);
    below = upto;
    counts.latency.cumulative[i] += requests - left;
  }
  counts.latency.cumulative.back() += requests;
}

// What holds in one slice.
struct Moment {
  Version stable, canary;
  double rate = 200;    // requests a second, of both
  double share = 0.25;  // of the canary
};

struct Scenario {
  std::string name;
  std::function<void(Moment&, int slice, Random&)> change;
  std::chrono::seconds warm_up{};
};

const std::vector<Scenario>& scenarios() {
  static const std::vector<Scenario> all{
      {"identical versions", [](Moment&, int, Random&) {}},
      {"1 % more errors", [](Moment& m, int, Random&) { m.canary.errors += 0.01; }},
      {"p99 doubled, all below p95 as before", [](Moment& m, int, Random&) { m.canary.tail = 2.69; }},
      {"p50 (and all) 50 % slower", [](Moment& m, int, Random&) { m.canary.slower = 1.5; }},
      {"crashes: all fail", [](Moment& m, int, Random&) { m.canary.errors = 1; }},
      {"slow start of 10 s, warm-up of 15 s left out",
       [](Moment& m, int slice, Random&) {
         if (slice < 2) m.canary = {0.05, 5, 1, 1};
       },
       15s},
      {"2 requests a second", [](Moment& m, int, Random&) { m.rate = 2; }},
      {"bursts: ten times the traffic, twice as slow",
       [](Moment& m, int, Random& random) {
         if (std::bernoulli_distribution(0.2)(random)) {
           m.rate *= 10;
           m.stable.slower = m.canary.slower = 2;
         }
       }},
      {"a dependency of both is down for 15 s",
       [](Moment& m, int slice, Random&) {
         if (slice >= 4 && slice < 7) m.stable = m.canary = {0.5, 8, 1, 1};
       }},
      {"the same, and the canary gets twice its share meanwhile",
       [](Moment& m, int slice, Random&) {
         if (slice < 4 || slice >= 7) return;
         m.stable = m.canary = {0.5, 8, 1, 1};
         m.share *= 2;
       }},
      {"errors of both come 10 at a time",
       [](Moment& m, int, Random&) { m.stable.cluster = m.canary.cluster = 10; }},
  };
  return all;
}

struct End {
  Verdict planned = Verdict::undecided;  // when the planned looks were over
  Verdict last = Verdict::undecided;
  double requests = 0;  // of the canary
};

End rollout(const Scenario& scenario, double share, std::uint64_t seed) {
  Random random(seed);
  Slices slices(scenario.warm_up);
  Plan plan;
  plan.looks = kLooks;
  plan.steps = 3;
  Both counters;
  End end;
  const int warm = static_cast<int>(scenario.warm_up / kSlice);
  (void)slices.add({{"gateway", 0s, counters}});
  for (int slice = 0; slice < kMost + warm; ++slice) {
    Moment moment;
    moment.share = share;
    scenario.change(moment, slice, random);
    const double seconds = std::chrono::duration<double>(kSlice).count();
    const auto requests = std::poisson_distribution<std::uint64_t>(moment.rate * seconds)(random);
    const auto to_canary = binomial(random, requests, moment.share);
    serve(counters.stable, moment.stable, requests - to_canary, random);
    serve(counters.canary, moment.canary, to_canary, random);
    if (!slices.add({{"gateway", (slice + 1) * kSlice, counters}})) std::abort();
    const int look = slice + 1 - warm;
    if (look < 1) continue;
    const Judgement judgement = judge(slices, plan, look);
    end.last = judgement.verdict;
    end.requests = static_cast<double>(judgement.canary_requests);
    if (look <= kLooks) end.planned = judgement.verdict;
    if (judgement.verdict != Verdict::undecided) break;
  }
  return end;
}

double percent(const std::vector<End>& ends, auto&& which) {
  return 100.0 * static_cast<double>(std::ranges::count_if(ends, which)) / static_cast<double>(ends.size());
}

void print(const Scenario& scenario, double share, int runs, std::uint64_t seed) {
  std::vector<End> ends;
  for (int run = 0; run < runs; ++run)
    ends.push_back(rollout(scenario, share, seed + static_cast<std::uint64_t>(run)));
  std::vector<double> needed;
  for (const End& end : ends)
    if (end.last != Verdict::undecided) needed.push_back(end.requests);
  std::ranges::sort(needed);
  auto rank = [&](double at) {
    if (needed.empty()) return std::string("-");
    return fmt::format("{:.0f}",
                       needed[static_cast<std::size_t>(at * static_cast<double>(needed.size() - 1))]);
  };
  fmt::print("| {} | {:.0f} % | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {} | {} |\n",
             scenario.name, share * 100, percent(ends, [](auto& e) { return e.planned == Verdict::worse; }),
             percent(ends, [](auto& e) { return e.planned == Verdict::better_or_equal; }),
             percent(ends, [](auto& e) { return e.planned == Verdict::undecided; }),
             percent(ends, [](auto& e) { return e.last == Verdict::worse; }),
             percent(ends, [](auto& e) { return e.last == Verdict::better_or_equal; }),
             percent(ends, [](auto& e) { return e.last == Verdict::undecided; }), rank(0.5), rank(0.9));
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const int runs = argc > 1 ? std::atoi(argv[1]) : 100;
  const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  const std::string only = argc > 3 ? argv[3] : "";
  fmt::print("| scenario | share | worse | passes | open | worse | passes | open | requests | 90 % |\n");
  fmt::print("|---|---|---|---|---|---|---|---|---|---|\n");
  for (const Scenario& scenario : scenarios()) {
    if (!scenario.name.starts_with(only)) continue;
    for (double share : {0.05, 0.25, 0.5}) print(scenario, share, runs, seed);
  }
}
