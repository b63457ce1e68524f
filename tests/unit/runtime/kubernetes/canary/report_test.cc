// What stands in the record of a release.
#include "runtime/kubernetes/canary/report.h"

#include "tests/catch.h"

using namespace msctl;
using namespace msctl::kubernetes::canary;

namespace {

const Choice choice{
    {{"orders", "orders-canary", {"orders"}}}, {{"users", "it has no route at the gateway"}}, {}};
const Request request{{5, 50}, std::chrono::minutes(5), 5};

Step step(int percent, const char* result, analysis::Verdict verdict) {
  Step out;
  out.percent = percent;
  out.replicas = {{"orders", 1}};
  out.result = result;
  analysis::Judgement& judgement = out.judgements["orders"];
  judgement.verdict = verdict;
  judgement.text = "a sentence";
  judgement.findings.resize(4);
  return out;
}

}  // namespace

TEST_CASE("before anything was tried it says what would be") {
  const Json plan = plan_json(choice, request, {{"orders", 30}});
  CHECK(plan["interval"] == "5m");
  CHECK(plan["services"][0]["name"] == "orders-canary");
  CHECK(plan["left"][0]["because"] == "it has no route at the gateway");
  CHECK(plan["steps"][0] == Json{{"percent", 5}, {"replicas", {{"orders", 2}}}});
  CHECK(plan["steps"][1]["replicas"]["orders"] == 15);
}

TEST_CASE("then how far it came, with the evidence; what was not come to has no result") {
  const Json report =
      report_json(plan_json(choice, request, {}), {step(5, "worse", analysis::Verdict::worse)});
  REQUIRE(report["steps"].size() == 2);
  CHECK(report["steps"][0]["judgements"]["orders"]["findings"].size() == 4);
  CHECK_FALSE(report["steps"][1].contains("result"));
}

TEST_CASE("what is too long for a record keeps the evidence of what did not pass") {
  const std::vector<Step> steps{step(5, "passed", analysis::Verdict::better_or_equal),
                                step(50, "worse", analysis::Verdict::worse)};
  const Json report = report_json(plan_json(choice, request, {}), steps, 100);
  CHECK_FALSE(report["steps"][0]["judgements"]["orders"].contains("findings"));
  CHECK(report["steps"][0]["judgements"]["orders"]["text"] == "a sentence");
  CHECK(report["steps"][1]["judgements"]["orders"]["findings"].size() == 4);
}
