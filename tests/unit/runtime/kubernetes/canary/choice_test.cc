// What is tried with a part of the traffic, and what is not and why.
#include "runtime/kubernetes/canary/choice.h"

#include <algorithm>

#include "tests/catch.h"
#include "tests/unit/runtime/kubernetes/canary/releases.h"

using namespace msctl;
using namespace msctl::kubernetes::canary;
using release::Release;

namespace {

release::Part& part(Release& release, const std::string& name) {
  return *std::ranges::find(release.parts, name, &release::Part::name);
}

void set_image(Release& release, const std::string& service, const std::string& image) {
  for (Json& object : part(release, service).objects)
    if (object["kind"] == "Deployment") object["spec"]["template"]["spec"]["containers"][0]["image"] = image;
}

}  // namespace

TEST_CASE("a new version of a service with a route is tried") {
  auto choice = choose(fakes::shop("2"), fakes::shop("1"));
  REQUIRE(choice);
  REQUIRE(choice->subjects.size() == 1);
  CHECK(choice->subjects[0].service == "orders");
  CHECK(choice->subjects[0].name == "orders-canary");
  CHECK(choice->subjects[0].routes == std::vector<std::string>{"orders", "orders-2"});
  CHECK(choice->left.empty());
  CHECK(choice->first.empty());
}

TEST_CASE("what changes without a route is told with the reason; what does not change is not mentioned") {
  Release next = fakes::shop("2");
  set_image(next, "users", "users:2");
  next.services.push_back("new");
  next.parts.push_back({"new", {}, "new:1", {fakes::deployment("new", "new:1", 1)}});
  auto choice = choose(next, fakes::shop("1"));
  REQUIRE(choice);
  REQUIRE(choice->left.size() == 2);
  CHECK(choice->left[0].service == "users");
  CHECK(choice->left[0].because == "it has no route at the gateway");
  CHECK(choice->left[1].service == "new");
  CHECK(choice->left[1].because == "it is new");
}

TEST_CASE("other numbers of replicas are no new version") {
  auto choice = choose(fakes::shop("1", 9), fakes::shop("1", 2));
  REQUIRE_FALSE(choice);
  CHECK(choice.error().code == base::Code::noCanary);
}

TEST_CASE("a service that was not asked for is not tried") {
  Release next = fakes::shop("2");
  next.services = {"users"};
  set_image(next, "users", "users:2");
  auto choice = choose(next, fakes::shop("1"));
  REQUIRE_FALSE(choice);
  CHECK(choice.error().notes == std::vector<std::string>{"users: it has no route at the gateway"});
}

TEST_CASE("where nothing runs, or no gateway, there is nothing to compare") {
  auto first = choose(fakes::shop("1"), std::nullopt);
  REQUIRE_FALSE(first);
  CHECK(first.error().code == base::Code::noCanary);
  Release before = fakes::shop("1");
  before.parts.pop_back();
  auto bare = choose(fakes::shop("2"), before);
  REQUIRE_FALSE(bare);
  CHECK(bare.error().message == "release 7 has no gateway that could split the traffic");
}

TEST_CASE("a service that keeps data is not doubled") {
  Release next = fakes::shop("2");
  for (Json& object : part(next, "orders").objects)
    if (object["kind"] == "Deployment") object["spec"]["strategy"] = {{"type", "Recreate"}};
  auto choice = choose(next, fakes::shop("1"));
  REQUIRE_FALSE(choice);
  CHECK(choice.error().notes.front() == "orders: it keeps data, which two versions would not share");
}

TEST_CASE("a version that a job prepares is tried, since the job runs before its canary") {
  Release next = fakes::shop("2");
  part(next, "orders").objects.push_back(fakes::object("batch/v1", "Job", "orders-migrate-2", "orders"));
  const auto choice = choose(next, fakes::shop("1"));
  REQUIRE(choice);
  CHECK(choice->subjects.front().service == "orders");
}

TEST_CASE("new parts that a canary needs come first, their own needs before them") {
  Release next = fakes::shop("2");
  part(next, "orders").needs = {"users", "prices"};
  next.parts.push_back({"prices", {"rates"}, "", {}});
  next.parts.push_back({"rates", {}, "", {}});
  next.parts.push_back({"other", {}, "", {}});
  auto choice = choose(next, fakes::shop("1"));
  REQUIRE(choice);
  CHECK(choice->first == std::vector<std::string>{"rates", "prices"});
}

TEST_CASE("a service that has the canary's name is in the way") {
  Release next = fakes::shop("2");
  next.parts.push_back({"orders-canary", {}, "", {}});
  auto choice = choose(next, fakes::shop("1"));
  REQUIRE_FALSE(choice);
  CHECK(choice.error().code == base::Code::canaryNameTaken);
}

TEST_CASE("names of canaries fit into labels, and are told apart") {
  CHECK(canary_name("orders") == "orders-canary");
  const std::string longest(63, 'a');
  const std::string other = longest.substr(0, 62) + "b";
  CHECK(canary_name(longest).size() == 63);
  CHECK(canary_name(longest) != canary_name(other));
  CHECK(canary_name(std::string(56, 'a')) == std::string(56, 'a') + "-canary");
}
