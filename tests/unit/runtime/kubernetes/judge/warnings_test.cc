#include "runtime/kubernetes/judge/warnings.h"

#include "tests/catch.h"
#include "tests/unit/runtime/kubernetes/judge/cluster_made.h"

using namespace msctl;
using namespace msctl::kubernetes::judge;

namespace {

Json warning(const std::string& uid, const std::string& reason, const std::string& message,
             const std::string& last, int count = 1) {
  return {{"type", "Warning"},    {"involvedObject", {{"kind", "Pod"}, {"name", uid}, {"uid", uid}}},
          {"reason", reason},     {"message", message},
          {"count", count},       {"firstTimestamp", "2026-11-27T10:00:00Z"},
          {"lastTimestamp", last}};
}

}  // namespace

TEST_CASE("the same warning about several replicas is one", "[warnings]") {
  Made made;
  made.events = {warning("orders-1-a", "Unhealthy", "503", "2026-11-27T11:58:00Z", 3),
                 warning("orders-1-b", "Unhealthy", "503", "2026-11-27T11:59:00Z", 4),
                 warning("orders-1-c", "Unhealthy", "503", "2026-11-27T11:57:00Z"),
                 warning("orders-1-c", "Unhealthy", "refused", "2026-11-27T11:59:30Z")};
  const auto told = made.status_now().warnings;
  REQUIRE(told.size() == 2);
  CHECK(told[0].message == "refused");
  CHECK(told[1].object == "Pod/orders-1-b");
  CHECK(told[1].at.starts_with("2026-11-27T11:59:00"));
  CHECK(told[1].reason == "Unhealthy");
  CHECK(told[1].count == 8);
}

TEST_CASE("what went well, was long ago or is about others is not told", "[warnings]") {
  Made made;
  made.events = {warning("orders-1-a", "Unhealthy", "503", "2026-11-27T10:59:59Z"),
                 warning("users-1-a", "Unhealthy", "503", "2026-11-27T11:59:00Z"),
                 warning("orders-1-a", "Killing", "Stopping container orders", "2026-11-27T11:59:00Z")};
  made.events[2]["type"] = "Normal";
  CHECK(made.status_now().warnings.empty());
  made.events[0]["lastTimestamp"] = "2026-11-27T11:00:00Z";
  CHECK(made.status_now().warnings.size() == 1);
}

TEST_CASE("of many warnings the newest are told", "[warnings]") {
  Made made;
  for (int i = 0; i < 8; ++i)
    made.events.push_back(warning("orders-1-a", "Failed", "of " + std::to_string(i),
                                  "2026-11-27T11:5" + std::to_string(i) + ":00Z"));
  const auto told = made.status_now().warnings;
  REQUIRE(told.size() == 5);
  CHECK(told.front().message == "of 7");
  CHECK(told.back().message == "of 3");
}

TEST_CASE("a warning about its autoscaler is the service's", "[warnings]") {
  Made made;
  made.autoscaler = {
      {"metadata", {{"name", "orders"}, {"uid", "hpa"}}},
      {"spec", {{"scaleTargetRef", {{"kind", "Deployment"}, {"name", "orders"}}}, {"maxReplicas", 8}}}};
  made.events = {warning("hpa", "FailedGetExternalMetric", "no matches for kind", "2026-11-27T11:59:00Z")};
  const auto told = made.status_now().warnings;
  REQUIRE(told.size() == 1);
  CHECK(told[0].reason == "FailedGetExternalMetric");
  // What is written is read.
  release::Status status;
  status.workspace = "shop";
  status.running = true;
  status.services = {made.status_now()};
  const auto read = release::status_from_json(Json::parse(release::to_json(status).dump()));
  REQUIRE(read);
  CHECK(read->services[0].warnings[0].message == "no matches for kind");
}
