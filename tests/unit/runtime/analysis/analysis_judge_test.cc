#include "runtime/analysis/judge.h"

#include <nlohmann/json.hpp>

#include <cmath>

#include "tests/catch.h"

using namespace msctl::analysis;
using namespace std::chrono_literals;

namespace {

// How a made-up version behaves, without chance: shares become counts by rounding.
struct Version {
  double requests;  // a slice
  double errors = 0.002;
  double median = 0.04;
  double sigma = 0.6;
};

Counts after(const Version& v, int slices) {
  Counts counts;
  const double all = std::round(v.requests * slices);
  counts.requests = static_cast<std::uint64_t>(all);
  counts.errors = static_cast<std::uint64_t>(std::round(all * v.errors));
  counts.latency.bounds = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
  for (double bound : counts.latency.bounds)
    counts.latency.cumulative.push_back(static_cast<std::uint64_t>(
        std::round(all * 0.5 * std::erfc(-std::log(bound / v.median) / v.sigma / std::sqrt(2.0)))));
  counts.latency.cumulative.push_back(counts.requests);
  return counts;
}

Slices slices_of(const Version& stable, const Version& canary, int count = 12) {
  Slices slices;
  for (int i = 0; i <= count; ++i)
    if (!slices.add({{"gateway", i * 5s, {after(stable, i), after(canary, i)}}})) FAIL("not taken");
  return slices;
}

Judgement judged(const Version& stable, const Version& canary, int look = 12) {
  return judge(slices_of(stable, canary, look), Plan{}, look);
}

}  // namespace

TEST_CASE("an equal version passes at the last planned look, not before") {
  const Judgement at_end = judged({3000}, {1000});
  INFO(at_end.text);
  CHECK(at_end.verdict == Verdict::better_or_equal);
  CHECK(at_end.reason == Reason::evidence);
  REQUIRE(at_end.findings.size() == 4);
  for (const Finding& finding : at_end.findings) {
    INFO(finding.metric);
    CHECK(finding.passes);
    CHECK_FALSE(finding.is_worse);
    CHECK(finding.pass.p <= 0.04);
  }
  const Judgement before = judged({3000}, {1000}, 11);
  CHECK(before.verdict == Verdict::undecided);
  CHECK(before.reason == Reason::early);
  Plan early;
  early.early = true;
  CHECK(judge(slices_of({3000}, {1000}, 8), early, 8).verdict == Verdict::better_or_equal);
}

TEST_CASE("a better version passes") {
  CHECK(judged({3000, 0.05}, {1000, 0.001, 0.02}).verdict == Verdict::better_or_equal);
}

TEST_CASE("more errors are found, with both values and what is behind them") {
  const Judgement judgement = judged({3000, 0.002}, {1000, 0.012}, 6);
  CHECK(judgement.verdict == Verdict::worse);
  CHECK(judgement.text ==
        "1.2 % of the new version's requests fail, 0.2 % of the stable one's (72 of 6000, 36 of 18000; p < "
        "1e-15)");
  CHECK(judgement.findings[0].is_worse);
  CHECK(judgement.findings[0].worse.exact);
  CHECK_FALSE(judgement.findings[1].is_worse);
}

TEST_CASE("a slower version is found by each of its quantiles") {
  const Judgement judgement = judged({3000}, {1000, 0.002, 0.06});
  CHECK(judgement.verdict == Verdict::worse);
  CHECK(judgement.text.find("in the new version") != std::string::npos);
  for (std::size_t i = 1; i < 4; ++i) CHECK(judgement.findings[i].is_worse);
  CHECK_FALSE(judgement.findings[0].is_worse);
}

TEST_CASE("a version that is certainly different, but by less than matters, is not called worse") {
  const Judgement judgement = judged({300000, 0.002}, {100000, 0.004});
  CHECK(judgement.findings[0].worse.p < 1e-10);
  CHECK_FALSE(judgement.findings[0].is_worse);
  CHECK(judgement.verdict == Verdict::better_or_equal);
}

TEST_CASE("too little traffic is no verdict, and it says how much is missing") {
  const Judgement judgement = judged({10}, {2});
  CHECK(judgement.verdict == Verdict::undecided);
  CHECK(judgement.reason == Reason::few_requests);
  REQUIRE(judgement.more_requests);
  REQUIRE(judgement.more_time);
  CHECK(*judgement.more_requests > 300);
  // 24 requests in 60 s.
  CHECK(std::chrono::duration<double>(*judgement.more_time).count() ==
        Approx(*judgement.more_requests * 2.5));
  CHECK(judgement.text.starts_with("24 requests of the new version are too few to tell errors"));
  // From 24 requests the estimate is rough; who follows it gets there.
  double factor = 1;
  Judgement then = judgement;
  for (int times = 0; times < 3 && then.more_requests; ++times) {
    factor *= 1 + *then.more_requests / static_cast<double>(then.canary_requests);
    then = judged({10 * factor}, {2 * factor});
  }
  INFO(then.text);
  CHECK(then.verdict == Verdict::better_or_equal);
  CHECK(then.canary_requests < 3000);
}

TEST_CASE("without traffic there is nothing to compare") {
  CHECK(judged({100}, {0}).text == "the new version has served no request");
  CHECK(judged({0}, {100}).reason == Reason::no_traffic);
  CHECK(judge(Slices{}, Plan{}, 1).verdict == Verdict::undecided);
}

TEST_CASE("one slice alone accuses nobody") {
  CHECK(judged({3000}, {1000, 1}, 1).verdict == Verdict::undecided);
  CHECK(judged({3000}, {1000, 1}, 2).verdict == Verdict::worse);
}

TEST_CASE("in a bucket that holds all, a quantile cannot be told; more requests would not help") {
  // All between 25 and 50 ms, and a canary that is half again as slow, still there.
  const Judgement judgement = judged({3000, 0.002, 0.03, 0.05}, {1000, 0.002, 0.042, 0.05});
  CHECK(judgement.verdict == Verdict::undecided);
  CHECK(judgement.reason == Reason::coarse);
  CHECK_FALSE(judgement.more_requests);
  CHECK(judgement.text.find("too coarse to tell p50, p90, p99") != std::string::npos);
  // Above the last bucket, too.
  CHECK(judged({3000, 0.002, 60}, {1000, 0.002, 60}).reason == Reason::coarse);
}

TEST_CASE("quantiles that are negligible pass, whatever their ratio") {
  CHECK(judged({3000, 0.002, 0.0003, 0.2}, {1000, 0.002, 0.0009, 0.2}).verdict == Verdict::better_or_equal);
}

TEST_CASE("a quantile that leaves the buckets is worse") {
  const Judgement judgement = judged({3000, 0, 0.1, 0.3}, {1000, 0, 30, 0.3}, 3);
  CHECK(judgement.verdict == Verdict::worse);
  CHECK(judgement.text.find("more than the last bucket in the new version") != std::string::npos);
  const auto json = to_json(judgement);
  CHECK(json["findings"][1]["canary"].is_null());
}

TEST_CASE("without a histogram errors alone decide") {
  Slices slices;
  for (std::uint64_t i = 0; i <= 12; ++i)
    REQUIRE(
        slices.add({{"gateway", static_cast<int>(i) * 5s, {{i * 3000, i * 6, {}}, {i * 1000, i * 2, {}}}}}));
  const Judgement judgement = judge(slices, Plan{}, 12);
  CHECK(judgement.verdict == Verdict::better_or_equal);
  CHECK(judgement.findings.size() == 1);
}

TEST_CASE("steps share the permitted false alarms") {
  Plan one, five;
  five.steps = 5;
  const Slices slices = slices_of({3000}, {1000}, 3);
  CHECK(judge(slices, one, 3).findings[0].worse_level ==
        Approx(5 * judge(slices, five, 3).findings[0].worse_level));
}

TEST_CASE("the evidence for the record") {
  const auto json = to_json(judged({3000, 0.002}, {1000, 0.012}, 6));
  CHECK(json["verdict"] == "worse");
  CHECK(json["reason"] == "evidence");
  CHECK(json["look"] == 6);
  CHECK(json["requests"]["canary"] == 6000);
  const auto& errors = json["findings"][0];
  CHECK(errors["metric"] == "errors");
  CHECK(errors["counts"]["canary"]["events"] == 72);
  CHECK(errors["worse"]["holds"] == true);
  CHECK(errors["difference"]["low"].get<double>() < 0.01);
  CHECK(errors["difference"]["high"].get<double>() > 0.01);
  CHECK_FALSE(errors.contains("slowerThanSeconds"));
  CHECK(json["findings"][3].contains("slowerThanSeconds"));
  CHECK_FALSE(json.dump().empty());
}
