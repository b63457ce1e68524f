#include "runtime/kubernetes/operate/operator.h"

#include "gateway/traffic/document.h"
#include "tests/catch.h"
#include "tests/fakes/clock.h"
#include "tests/fakes/cluster.h"

using namespace msctl;
using kubernetes::Json;

namespace {

Json object(const char* version, const char* kind, const std::string& name, const std::string& of,
            const std::string& component = {}) {
  Json labels{{"app.kubernetes.io/name", of},
              {"app.kubernetes.io/part-of", "shop"},
              {"app.kubernetes.io/managed-by", "msctl"}};
  if (!component.empty()) labels["app.kubernetes.io/component"] = component;
  return {{"apiVersion", version},
          {"kind", kind},
          {"metadata", {{"name", name}, {"uid", kind + name}, {"labels", std::move(labels)}}}};
}

kubernetes::OperatorOptions options() {
  kubernetes::OperatorOptions out;
  out.workspace = "shop";
  out.environment = "staging";
  return out;
}

// A service that is called "gateway" and the gateway, which then is called otherwise.
struct Shop {
  std::unique_ptr<fakes::FakeCluster> owned = std::make_unique<fakes::FakeCluster>();
  fakes::FakeCluster& cluster = *owned;
  fakes::FakeClock clock;
  kubernetes::Operator orchestrator{std::move(owned), clock, options()};

  Shop() {
    for (const auto& [name, component] : {std::pair{"gateway", ""}, {"gateway-2", "gateway"}}) {
      Json deployment = object("apps/v1", "Deployment", name, name, component);
      deployment["spec"] = {{"replicas", 1}};
      put(deployment);
      Json service = object("v1", "Service", name, name, component);
      service["spec"]["ports"] = Json::array({{{"port", *component != 0 ? 80 : 8080}}});
      put(service);
      Json pod = object("v1", "Pod", std::string(name) + "-a", name, component);
      pod["spec"]["containers"] = Json::array({{{"name", name}}});
      put(pod);
    }
    cluster.lines["gateway-a"] = {"2026-01-31T12:00:02Z second", "2026-01-31T12:00:04Z fourth"};
    cluster.lines["gateway-2-a"] = {"2026-01-31T12:00:01Z first", "2026-01-31T12:00:03Z third"};
  }
  void put(const Json& made) { cluster.objects[kubernetes::ref_of(made)] = made; }

  std::vector<std::string> logs(const release::LogQuery& query) {
    std::vector<std::string> out;
    REQUIRE(orchestrator.logs(query, [&](const release::LogLine& line) {
      out.push_back(line.replica + " " + line.text);
      return true;
    }));
    return out;
  }
};

}  // namespace

TEST_CASE_METHOD(Shop, "the gateway is told by its label, and is none of the services", "[operate]") {
  const auto status = orchestrator.status();
  REQUIRE(status);
  REQUIRE(status->services.size() == 1);
  CHECK(status->services[0].name == "gateway");
  CHECK(status->gateway.url == "http://gateway-2.shop.svc");
}

TEST_CASE_METHOD(Shop, "Pods of jobs are neither replicas nor logs of their service", "[operate]") {
  Json job = object("batch/v1", "Job", "gateway-migrate-1", "gateway");
  job["metadata"]["labels"]["msctl.dev/job-of"] = "gateway";
  put(job);
  // Whatever name somebody gives it.
  Json pod = object("v1", "Pod", "gateway-migrate-1-x", "gateway");
  pod["metadata"]["labels"]["msctl.dev/job-of"] = "gateway";
  pod["metadata"]["ownerReferences"] = Json::array({{{"uid", job["metadata"]["uid"]}, {"controller", true}}});
  pod["spec"]["containers"] = Json::array({{{"name", "migrate"}}});
  put(pod);
  cluster.lines["gateway-migrate-1-x"] = {"2026-01-31T12:00:00Z migrated"};
  release::LogQuery of_service;
  of_service.services = {"gateway"};
  CHECK(logs(of_service) == std::vector<std::string>{"gateway-a second", "gateway-a fourth"});
  const auto status = orchestrator.status();
  REQUIRE(status);
  REQUIRE(status->services.size() == 1);
  CHECK(status->services[0].replicas.empty());
}

TEST_CASE_METHOD(Shop, "lines of all replicas come in the order of time", "[operate]") {
  release::LogQuery everything;
  everything.gateway = true;
  release::LogQuery of_service;
  of_service.services = {"gateway"};
  CHECK(logs(of_service) == std::vector<std::string>{"gateway-a second", "gateway-a fourth"});
  CHECK(logs(everything) == std::vector<std::string>{"gateway-2-a first", "gateway-2-a third"});
  everything.services = {"gateway"};
  CHECK(logs(everything) == std::vector<std::string>{"gateway-2-a first", "gateway-a second",
                                                     "gateway-2-a third", "gateway-a fourth"});
}

TEST_CASE_METHOD(Shop, "a log that may not be read is told, behind the others; one that is not there is none",
                 "[operate]") {
  using kubernetes::Refusal;
  release::LogQuery everything;
  everything.gateway = true;
  everything.services = {"gateway"};
  cluster.refused_logs["gateway-a"] = {Refusal::Kind::not_found, {}, {}};
  CHECK(logs(everything) == std::vector<std::string>{"gateway-2-a first", "gateway-2-a third"});

  cluster.refused_logs["gateway-a"] = {
      Refusal::Kind::other, base::fail(base::Code::forbidden, "no").error(), {}};
  std::vector<std::string> lines;
  const auto refused = orchestrator.logs(everything, [&](const release::LogLine& line) {
    lines.push_back(line.text);
    return true;
  });
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == base::Code::forbidden);
  CHECK(lines == std::vector<std::string>{"first", "third"});
}

namespace {

// Of one gateway Pod: "web" with so many requests a second, all of them between 5 and 10 ms.
std::string traffic_page(double per_second) {
  gateway::traffic::Traffic out;
  out.seconds = 30;
  auto& web = out.upstreams["web"];
  web.requests = 100;
  web.buckets[4] = 100;
  web.per_second = per_second;
  web.errors_per_second = 0.5;
  web.in_flight = 2;
  return to_json(out);
}

struct Gateways {
  std::unique_ptr<fakes::FakeCluster> owned = std::make_unique<fakes::FakeCluster>();
  fakes::FakeCluster& cluster = *owned;
  fakes::FakeClock clock;
  kubernetes::Operator orchestrator{std::move(owned), clock, options()};

  Gateways() {
    for (const char* name : {"web", "quiet"}) {
      Json deployment = object("apps/v1", "Deployment", name, name);
      deployment["spec"] = {{"replicas", 1}};
      cluster.objects[kubernetes::ref_of(deployment)] = deployment;
    }
    for (const char* name : {"gateway-a", "gateway-b"}) {
      Json pod = object("v1", "Pod", name, "gateway", "gateway");
      pod["spec"]["containers"] =
          Json::array({{{"name", "gateway"},
                        {"ports", Json::array({{{"name", "http"}, {"containerPort", 8080}},
                                               {{"name", "admin"}, {"containerPort", 9090}}})}}});
      pod["status"]["conditions"] = Json::array({{{"type", "Ready"}, {"status", "True"}}});
      cluster.objects[kubernetes::ref_of(pod)] = pod;
    }
    cluster.pages["gateway-a:9090/traffic"] = traffic_page(10);
    cluster.pages["gateway-b:9090/traffic"] = traffic_page(4.5);
  }
  release::ServiceStatus service(const release::Status& status, const std::string& name) {
    for (const release::ServiceStatus& each : status.services)
      if (each.name == name) return each;
    FAIL("no " << name);
    return {};
  }
};

}  // namespace

TEST_CASE_METHOD(Gateways, "the traffic of a service is that of all gateways", "[operate]") {
  const auto status = orchestrator.status();
  REQUIRE(status);
  CHECK(status->notes.empty());
  const auto traffic = service(*status, "web").traffic;
  REQUIRE(traffic);
  CHECK(traffic->per_second == 14.5);
  CHECK(traffic->errors_per_second == 1);
  CHECK(traffic->in_flight == 4);
  CHECK(traffic->p50 == Approx(0.0075));
  CHECK(traffic->p99 == Approx(0.00995));
  CHECK_FALSE(service(*status, "quiet").traffic);
  // What is written is read.
  const auto read = release::status_from_json(Json::parse(release::to_json(*status).dump()));
  REQUIRE(read);
  CHECK(service(*read, "web").traffic->per_second == 14.5);
}

TEST_CASE_METHOD(Gateways, "a gateway that cannot be asked is told, and the rest stands", "[operate]") {
  cluster.pages.erase("gateway-b:9090/traffic");
  auto status = orchestrator.status();
  REQUIRE(status);
  REQUIRE(status->notes.size() == 1);
  CHECK(status->notes[0].starts_with("the traffic of 1 of 2 gateways is not known"));
  CHECK(service(*status, "web").traffic->per_second == 10);
  cluster.pages["gateway-a:9090/traffic"] = "nonsense";
  status = orchestrator.status();
  REQUIRE(status);
  CHECK(status->services.size() == 2);
  CHECK_FALSE(service(*status, "web").traffic);
}

TEST_CASE_METHOD(Gateways, "what a canary gets is its service's", "[operate]") {
  Json pod = object("v1", "Pod", "quiet-canary-a", "quiet-canary");
  pod["metadata"]["labels"][kubernetes::names::canary_of] = "quiet";
  cluster.objects[kubernetes::ref_of(pod)] = pod;
  gateway::traffic::Traffic told;
  told.upstreams["quiet"].per_second = 9;
  told.upstreams["quiet-canary"].per_second = 1;
  cluster.pages["gateway-a:9090/traffic"] = to_json(told);
  const auto status = orchestrator.status();
  REQUIRE(status);
  CHECK(service(*status, "quiet").traffic->per_second == 10);
}

TEST_CASE_METHOD(Gateways, "one that is not ready is not asked", "[operate]") {
  cluster.objects[{"v1", "Pod", "gateway-b"}]["status"]["conditions"][0]["status"] = "False";
  const auto status = orchestrator.status();
  REQUIRE(status);
  CHECK(status->notes.empty());
  CHECK(service(*status, "web").traffic->per_second == 10);
}

TEST_CASE_METHOD(Shop, "a canary is a fact about its service, and its replicas are replicas of it",
                 "[operate]") {
  Json deployment = object("apps/v1", "Deployment", "gateway-canary", "gateway-canary");
  deployment["metadata"]["labels"][kubernetes::names::canary_of] = "gateway";
  deployment["spec"] = {{"replicas", 1}};
  put(deployment);
  Json pod = object("v1", "Pod", "gateway-canary-a", "gateway-canary");
  pod["metadata"]["labels"][kubernetes::names::canary_of] = "gateway";
  pod["spec"]["containers"] = Json::array({{{"name", "gateway"}}});
  put(pod);
  cluster.lines["gateway-canary-a"] = {"2026-01-31T12:00:03Z new"};

  auto status = orchestrator.status();
  REQUIRE(status);
  REQUIRE(status->services.size() == 1);
  const auto& conditions = status->services[0].conditions;
  REQUIRE_FALSE(conditions.empty());
  CHECK(conditions.back().type == "Canary");
  CHECK(conditions.back().status);
  CHECK(conditions.back().message.find("is tried as gateway-canary: 0 of 1 replicas ready") !=
        std::string::npos);
  release::LogQuery query;
  query.services = {"gateway"};
  CHECK(logs(query) ==
        std::vector<std::string>{"gateway-a second", "gateway-canary-a new", "gateway-a fourth"});
}
