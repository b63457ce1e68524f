#include "runtime/kubernetes/objects/compare.h"

#include "runtime/kubernetes/objects/owners.h"
#include "tests/catch.h"

using namespace msctl::kubernetes;

namespace {

std::vector<std::string> told(const std::vector<Change>& changes) {
  std::vector<std::string> out;
  for (const Change& change : changes)
    out.push_back(to_text(change.path) + (change.added() ? " +" : change.removed() ? " -" : " ~"));
  return out;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("differences name elements of lists by their key") {
  const Json before = Json::parse(R"({"spec":{"template":{"spec":{"containers":[
    {"name":"orders","image":"a:1","ports":[{"containerPort":8080}]},{"name":"sidecar","image":"s:1"}]}}}})");
  Json after = before;
  after["spec"]["template"]["spec"]["containers"] = Json::parse(R"([
    {"name":"helper","image":"h:1"},{"name":"orders","image":"a:2","ports":[{"containerPort":8080}]}])");
  CHECK(told(differences(before, after)) == Texts{"spec.template.spec.containers[orders].image ~",
                                                  "spec.template.spec.containers[sidecar] -",
                                                  "spec.template.spec.containers[helper] +"});
}

TEST_CASE("a list that is only in another order is no difference where it has keys") {
  const Json a = Json::parse(R"({"ports":[{"containerPort":1},{"containerPort":2}]})");
  const Json b = Json::parse(R"({"ports":[{"containerPort":2},{"containerPort":1}]})");
  CHECK(differences(a, b).empty());
  CHECK_FALSE(differences(Json{{"args", {"a", "b"}}}, Json{{"args", {"b", "a"}}}).empty());
}

TEST_CASE("elements without a key that tells them apart are compared by position") {
  const Json a = Json::parse(R"({"x":[{"name":"a"},{"name":"a"}]})");
  const Json b = Json::parse(R"({"x":[{"name":"a"},{"name":"b"}]})");
  CHECK(told(differences(a, b)) == Texts{"x[1].name ~"});
}

TEST_CASE("what is empty says as much as what is not there") {
  CHECK(differences(Json{{"a", Json::object()}}, Json::object()).empty());
  CHECK(differences(Json::object(), Json{{"a", Json::array()}}).empty());
  CHECK(told(differences(Json::object(), Json{{"a", 0}})) == Texts{"a +"});
}

TEST_CASE("deviations leave to others what is not stated, but not a further element") {
  const Json wanted = Json::parse(R"({"spec":{"replicas":2,"containers":[{"name":"a","image":"x"}]}})");
  Json live = wanted;
  live["spec"]["paused"] = false;
  live["spec"]["containers"][0]["terminationMessagePath"] = "/dev/termination-log";
  CHECK(deviations(wanted, live).empty());
  live["spec"]["replicas"] = 5;
  live["spec"]["containers"].push_back({{"name", "injected"}});
  CHECK(told(deviations(wanted, live)) == Texts{"spec.containers[injected] +", "spec.replicas ~"});
  live["spec"].erase("replicas");
  CHECK(told(deviations(wanted, live)) == Texts{"spec.containers[injected] +", "spec.replicas -"});
}

TEST_CASE("bookkeeping is no part of what is compared") {
  const Json live =
      Json::parse(R"({"kind":"Deployment","metadata":{"name":"a","uid":"1","resourceVersion":"7",
    "generation":3,"creationTimestamp":"x","managedFields":[],"namespace":"shop",
    "annotations":{"deployment.kubernetes.io/revision":"4","msctl.dev/epoch":"2","mine":"yes"}},
    "spec":{},"status":{"replicas":1}})");
  CHECK(
      without_bookkeeping(live) ==
      Json::parse(R"({"kind":"Deployment","metadata":{"name":"a","annotations":{"mine":"yes"}},"spec":{}})"));
}

TEST_CASE("paths quote what has dots") {
  CHECK(to_text({{"metadata", {}, {}}, {"labels", {}, {}}, {"app.kubernetes.io/name", {}, {}}}) ==
        "metadata.labels.\"app.kubernetes.io/name\"");
}

TEST_CASE("owners of a field are read from managedFields") {
  // As an API server of 1.34 has it.
  const Json live = Json::parse(R"({"metadata":{"managedFields":[
    {"manager":"msctl","operation":"Apply","time":"2026-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":
      {"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"orders\"}":
        {".":{},"f:name":{},"f:image":{},"f:ports":{"k:{\"containerPort\":8080,\"protocol\":\"TCP\"}":
          {".":{},"f:containerPort":{}}}}}}}}}},
    {"manager":"kubectl-scale","operation":"Update","time":"2026-01-02T00:00:00Z","subresource":"scale",
      "fieldsV1":{"f:spec":{"f:replicas":{}}}},
    {"manager":"kubectl-edit","operation":"Update","time":"2026-01-03T00:00:00Z",
      "fieldsV1":{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"orders\"}":
        {"f:image":{}}}}}}}}]}})");
  const Path image{{"spec", {}, {}},       {"template", {}, {}},   {"spec", {}, {}},
                   {"containers", {}, {}}, {{}, "name", "orders"}, {"image", {}, {}}};
  const auto of_image = owners(live, image);
  REQUIRE(of_image.size() == 2);
  CHECK(of_image[0].manager == "kubectl-edit");
  CHECK(of_image[1].manager == "msctl");
  CHECK(owns(live, image, "msctl"));
  CHECK_FALSE(owns(live, image, "kubectl-edit"));  // by Update
  const auto of_replicas = owners(live, {{"spec", {}, {}}, {"replicas", {}, {}}});
  REQUIRE(of_replicas.size() == 1);
  CHECK(of_replicas[0].subresource == "scale");
  const Path port{{"spec", {}, {}},
                  {"template", {}, {}},
                  {"spec", {}, {}},
                  {"containers", {}, {}},
                  {{}, "name", "orders"},
                  {"ports", {}, {}},
                  {{}, "containerPort", "8080"},
                  {"containerPort", {}, {}}};
  CHECK(owns(live, port, "msctl"));
  CHECK(owners(live, {{"spec", {}, {}}, {"paused", {}, {}}}).empty());
}
