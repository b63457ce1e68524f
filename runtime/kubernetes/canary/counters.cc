#include "runtime/kubernetes/canary/counters.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>

namespace msctl::kubernetes::canary {
namespace {

using analysis::Counts;
using prometheus::Sample;

constexpr std::string_view requests = "msctl_gateway_requests_total";
constexpr std::string_view buckets = "msctl_gateway_request_duration_seconds_bucket";

std::unexpected<base::Error> wrong(const Sample& sample, const std::string& why) {
  return base::fail(base::Code::badMetricsText,
                    fmt::format("{} of the route {} {}", sample.name, sample.label("route"), why));
}

base::Result<std::uint64_t> count_of(const Sample& sample) {
  constexpr double most = 9007199254740992.0;  // from there on a double is no counter any more
  if (!(sample.value >= 0 && sample.value <= most) || std::floor(sample.value) != sample.value)
    return wrong(sample, fmt::format("is {}, which counts nothing", sample.value));
  return static_cast<std::uint64_t>(sample.value);
}

base::Result<double> bound_of(const Sample& sample) {
  const std::string& text = sample.label("le");
  if (text == "+Inf") return std::numeric_limits<double>::infinity();
  double out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(out))
    return wrong(sample, fmt::format("has a bucket up to '{}'", text));
  return out;
}

// One version's, with its buckets by their bounds.
struct Sum {
  Counts counts;
  std::map<double, std::uint64_t> buckets;

  base::Result<void> add_request(const Sample& sample) {
    auto count = count_of(sample);
    if (!count) return std::unexpected(count.error());
    counts.requests += *count;
    const std::string& status = sample.label("status");
    // Also what the gateway itself answers where the version does not: 502, 503, 504.
    if (status.size() == 3 && status.front() == '5') counts.errors += *count;
    return {};
  }

  base::Result<void> add_bucket(const Sample& sample) {
    auto bound = bound_of(sample);
    if (!bound) return std::unexpected(bound.error());
    auto count = count_of(sample);
    if (!count) return std::unexpected(count.error());
    buckets[*bound] += *count;
    return {};
  }

  Counts whole() {
    for (const auto& [bound, count] : buckets) {
      if (std::isfinite(bound)) counts.latency.bounds.push_back(bound);
      counts.latency.cumulative.push_back(count);
    }
    return std::move(counts);
  }
};

}  // namespace

base::Result<analysis::Both> counters_of(const std::vector<Sample>& page, const Subject& subject) {
  Sum stable, fresh;
  for (const Sample& sample : page) {
    const bool counts = sample.name == requests;
    if (!counts && sample.name != buckets) continue;
    const std::string& upstream = sample.label("upstream");
    if (upstream != subject.service && upstream != subject.name) continue;
    if (std::ranges::find(subject.routes, sample.label("route")) == subject.routes.end()) continue;
    Sum& sum = upstream == subject.service ? stable : fresh;
    if (auto added = counts ? sum.add_request(sample) : sum.add_bucket(sample); !added)
      return std::unexpected(added.error());
  }
  return analysis::Both{stable.whole(), fresh.whole()};
}

}  // namespace msctl::kubernetes::canary
