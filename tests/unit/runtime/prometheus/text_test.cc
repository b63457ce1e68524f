// What is read of a page of metrics, and what is no page at all.
#include "runtime/prometheus/text.h"

#include <cmath>

#include "gateway/telemetry/counters.h"
#include "tests/catch.h"

using namespace msctl;
using namespace msctl::prometheus;

namespace {

std::string why(std::string_view page) {
  auto read = parse(page);
  REQUIRE_FALSE(read);
  CHECK(read.error().code == base::Code::badMetricsText);
  return read.error().message;
}

}  // namespace

TEST_CASE("samples with labels, escapes, times and the numbers that Go writes") {
  auto read = parse(
      "# HELP a_total Some \\n help.\n"
      "# TYPE a_total counter\n"
      "a_total{route=\"or\\\"d\\\\ers\\n\",status=\"200\",} 1027 1395066363000\n"
      "\n"
      "# a remark\n"
      "b 1.5e-3\n"
      "  c:d { le = \"+Inf\" } +Inf\n"
      "e NaN\n"
      "f -Inf\n");
  REQUIRE(read);
  REQUIRE(read->size() == 5);
  CHECK(read->at(0).name == "a_total");
  CHECK(read->at(0).label("route") == "or\"d\\ers\n");
  CHECK(read->at(0).label("status") == "200");
  CHECK(read->at(0).label("method").empty());
  CHECK(read->at(0).value == 1027);
  CHECK(read->at(1).value == Approx(0.0015));
  CHECK(read->at(2).name == "c:d");
  CHECK(read->at(2).label("le") == "+Inf");
  CHECK(std::isinf(read->at(2).value));
  CHECK(std::isnan(read->at(3).value));
  CHECK(read->at(4).value == -INFINITY);
}

TEST_CASE("an empty page has no samples") {
  REQUIRE(parse(""));
  CHECK(parse("")->empty());
}

TEST_CASE("a page that was cut short is none") {
  CHECK(why("a 1\nb 10").find("cut short") != std::string::npos);
}

TEST_CASE("what is wrong is told with its line") {
  CHECK(why("a 1\nb{c=\"d\" e=\"f\"} 2\n").find("line 2 of a page of metrics: a comma is missing") == 0);
  CHECK(why("a{b=\"c\",b=\"d\"} 1\n").find("the label b is there twice") != std::string::npos);
  CHECK(why("a{b=c} 1\n").find("not in quotes") != std::string::npos);
  CHECK(why("a{b=\"c} 1\n").find("does not end") != std::string::npos);
  CHECK(why("a{b=\"\\t\"} 1\n").find("backslash") != std::string::npos);
  CHECK(why("a{b} 1\n").find("no value") != std::string::npos);
  CHECK(why("a{b=\"c\"\n").find("label is missing") == std::string::npos);
  CHECK(why("0a 1\n").find("the name of a metric is missing") != std::string::npos);
  CHECK(why("a\n").find("'' is no number") != std::string::npos);
  CHECK(why("a 1x\n").find("'1x' is no number") != std::string::npos);
  CHECK(why("a infinity\n").find("is no number") != std::string::npos);
  CHECK(why("a -nan\n").find("is no number") != std::string::npos);
  CHECK(why("a 1 soon\n").find("'soon' is no time") != std::string::npos);
  CHECK(why("a 1 2 3\n").find("behind its time") != std::string::npos);
  CHECK(why("a{b=\"c\"} 1\na{b=\"c\"} 2\n").find("is there twice") != std::string::npos);
  CHECK(why("# TYPE a sum\n").find("'sum' is no type") != std::string::npos);
  CHECK(why("# TYPE a gauge\n# TYPE a gauge\n").find("two types") != std::string::npos);
}

TEST_CASE("what the gateway writes is read") {
  gateway::telemetry::Registry registry(1);
  const std::size_t number = registry.route_number("or\"ders", "orders");
  auto& route = registry.route(0, number);
  route.answered(gateway::telemetry::Method::get, 200, std::chrono::milliseconds(30));
  route.answered(gateway::telemetry::Method::get, 503, std::chrono::milliseconds(3));
  auto read = parse(registry.text());
  REQUIRE(read);
  double requests = 0, all = -1;
  for (const Sample& sample : *read) {
    if (sample.label("route") != "or\"ders") continue;
    if (sample.name == "msctl_gateway_requests_total") requests += sample.value;
    if (sample.name == "msctl_gateway_request_duration_seconds_bucket" && sample.label("le") == "+Inf")
      all = sample.value;
  }
  CHECK(requests == 2);
  CHECK(all == 2);
}
