// From a gateway's page to the counts of two versions.
#include "runtime/kubernetes/canary/counters.h"

#include <fmt/format.h>

#include "tests/catch.h"

using namespace msctl;
using namespace msctl::kubernetes::canary;

namespace {

const Subject subject{"orders", "orders-canary", {"orders", "buy"}};

constexpr std::string_view page =
    "msctl_gateway_requests_total{route=\"orders\",upstream=\"orders\",method=\"GET\",status=\"200\"} 90\n"
    "msctl_gateway_requests_total{route=\"orders\",upstream=\"orders\",method=\"GET\",status=\"503\"} 2\n"
    "msctl_gateway_requests_total{route=\"buy\",upstream=\"orders\",method=\"POST\",status=\"404\"} 8\n"
    "msctl_gateway_requests_total{route=\"buy\",upstream=\"orders-canary\",method=\"POST\",status=\"500\"} "
    "5\n"
    "msctl_gateway_requests_total{route=\"buy\",upstream=\"orders-canary\",method=\"POST\",status=\"0\"} 1\n"
    "msctl_gateway_requests_total{route=\"other\",upstream=\"orders\",method=\"GET\",status=\"500\"} 99\n"
    "msctl_gateway_requests_total{route=\"users\",upstream=\"users\",method=\"GET\",status=\"500\"} 99\n"
    "msctl_gateway_request_duration_seconds_bucket{route=\"orders\",upstream=\"orders\",le=\"+Inf\"} 92\n"
    "msctl_gateway_request_duration_seconds_bucket{route=\"orders\",upstream=\"orders\",le=\"0.1\"} 80\n"
    "msctl_gateway_request_duration_seconds_bucket{route=\"orders\",upstream=\"orders\",le=\"0.05\"} 40\n"
    "msctl_gateway_request_duration_seconds_bucket{route=\"buy\",upstream=\"orders\",le=\"0.05\"} 1\n"
    "msctl_gateway_request_duration_seconds_bucket{route=\"buy\",upstream=\"orders\",le=\"0.1\"} 2\n"
    "msctl_gateway_request_duration_seconds_bucket{route=\"buy\",upstream=\"orders\",le=\"+Inf\"} 8\n"
    "msctl_gateway_request_duration_seconds_sum{route=\"buy\",upstream=\"orders\"} 1.5\n";

base::Result<analysis::Both> counted(std::string_view text) {
  auto samples = prometheus::parse(text);
  REQUIRE(samples);
  return counters_of(*samples, subject);
}

}  // namespace

TEST_CASE("over its routes, errors are 5xx, buckets by their bounds") {
  auto both = counted(page);
  REQUIRE(both);
  CHECK(both->stable.requests == 100);
  CHECK(both->stable.errors == 2);
  CHECK(both->stable.latency.bounds == std::vector<double>{0.05, 0.1});
  CHECK(both->stable.latency.cumulative == std::vector<std::uint64_t>{41, 82, 100});
  CHECK(both->canary.requests == 6);
  CHECK(both->canary.errors == 5);
  CHECK(both->canary.latency.cumulative.empty());
}

TEST_CASE("what was not asked yet is zero") {
  auto both = counted("");
  REQUIRE(both);
  CHECK(both->stable.requests == 0);
}

TEST_CASE("what is no count is no evidence") {
  for (const char* value : {"1.5", "-1", "NaN", "+Inf", "1e17"}) {
    auto both = counted(fmt::format(
        "msctl_gateway_requests_total{{route=\"buy\",upstream=\"orders\",status=\"200\"}} {}\n", value));
    REQUIRE_FALSE(both);
    CHECK(both.error().code == base::Code::badMetricsText);
  }
  CHECK_FALSE(counted(
      "msctl_gateway_request_duration_seconds_bucket{route=\"buy\",upstream=\"orders\",le=\"x\"} 1\n"));
  CHECK_FALSE(
      counted("msctl_gateway_request_duration_seconds_bucket{route=\"buy\",upstream=\"orders\"} 1\n"));
}
