#include "runtime/kubernetes/api/client.h"

#include <numeric>

#include "tests/catch.h"
#include "tests/unit/runtime/kubernetes/api/server.h"

using namespace msctl;
using namespace msctl::kubernetes::api;
using base::Code;
using fakes::ApiServer;
using fakes::Asked;
using fakes::broken;
using fakes::give;
using fakes::object;
using fakes::refusal;
using Kinds = http::Failure::Kind;
using std::chrono::seconds;

namespace {

const Name orders{{"apps/v1", "Deployment"}, "orders"};
const Kind pods{"v1", "Pod"};

struct Cluster : ApiServer {
  // Each answer once, the last one for ever.
  void script(std::vector<std::function<fakes::Heard(const http::Request&)>> answers) {
    on = [this, answers](const http::Request& request, const Asked&) {
      return answers[std::min(asked.size(), answers.size()) - 1](request);
    };
  }
  void answer(int status, const Json& body, const http::Headers& headers = {}) {
    on = [=](const http::Request& request, const Asked&) { return give(request, status, body, headers); };
  }
};

auto says(int status, const Json& body, const http::Headers& headers = {}) {
  return [=](const http::Request& request) { return give(request, status, body, headers); };
}
auto breaks(Kinds kind = Kinds::broken) {
  return [=](const http::Request&) { return broken(kind); };
}

const Json fine = object("Deployment", "orders");
const Json busy = refusal(429, "TooManyRequests", "too many");
const Json leaderless = refusal(500, "InternalError", "etcdserver: leader changed");

}  // namespace

TEST_CASE_METHOD(Cluster, "addresses are as the API has them") {
  answer(200, fine);
  const Client client = this->client();
  CHECK(client.get(orders));
  CHECK(client.get({{"v1", "Node"}, "n 1/x"}));
  CHECK(client.get({{"v1", "Pod"}, "a", "other"}));
  CHECK(client.get({{"apps/v1", "Deployment"}, "orders"}, "scale"));
  CHECK(client.create(object("ConfigMap", "c")));
  CHECK(client.update(fine, {.manager = "m", .dry_run = true}));
  CHECK(client.patch(orders, Patch::merge, {{"spec", {{"replicas", 3}}}}, {.subresource = "scale"}));
  CHECK(client.apply(fine, {.manager = "m", .force = true, .dry_run = true}));
  CHECK(client.remove(orders, {.uid = "u", .resource_version = "7", .propagation = "Foreground"}));
  CHECK(client.evict("a"));
  CHECK(
      lines() ==
      std::vector<std::string>{
          "GET /apis/apps/v1/namespaces/shop/deployments/orders", "GET /api/v1/nodes/n%201%2Fx",
          "GET /api/v1/namespaces/other/pods/a", "GET /apis/apps/v1/namespaces/shop/deployments/orders/scale",
          "POST /api/v1/namespaces/shop/configmaps?fieldManager=msctl&fieldValidation=Strict",
          "PUT "
          "/apis/apps/v1/namespaces/shop/deployments/orders?fieldManager=m&fieldValidation=Strict&dryRun=All",
          "PATCH "
          "/apis/apps/v1/namespaces/shop/deployments/orders/scale?fieldManager=msctl&fieldValidation=Strict",
          "PATCH /apis/apps/v1/namespaces/shop/deployments/"
          "orders?fieldManager=m&force=true&fieldValidation=Strict&dryRun=All",
          "DELETE /apis/apps/v1/namespaces/shop/deployments/orders",
          "POST /api/v1/namespaces/shop/pods/a/eviction"});
  CHECK(asked[6].header("Content-Type") == "application/merge-patch+json");
  CHECK(asked[7].header("Content-Type") == "application/apply-patch+yaml");
  CHECK(Json::parse(asked[7].body) == fine);
  CHECK(Json::parse(asked[8].body) == Json{{"apiVersion", "v1"},
                                           {"kind", "DeleteOptions"},
                                           {"preconditions", {{"uid", "u"}, {"resourceVersion", "7"}}},
                                           {"propagationPolicy", "Foreground"}});
  CHECK(asked[0].header("Authorization") == "Bearer t0p-SECRET");
  CHECK(asked[0].once);  // the HTTP client must not send anything again on its own
  CHECK(client.counts().requests == 10);
}

TEST_CASE_METHOD(Cluster, "a server's own path, and acting as somebody else") {
  access.cluster.server = "https://rancher.example/k8s/c1/";
  access.cluster.authority_data = "PEM";
  access.cluster.server_name = "kube";
  access.user = {};
  access.user.certificate_data = "CERT";
  access.user.key_data = "KEY";
  access.user.as = "bob";
  access.user.as_uid = "7";
  access.user.as_groups = {"dev", "ops"};
  access.user.as_extra = {{"example.com/scope", {"x"}}};
  answer(200, {{"gitVersion", "v1"}});
  CHECK(client().raw("/version") == R"({"gitVersion":"v1"})");
  CHECK(asked[0].line() == "GET /k8s/c1/version");
  CHECK(asked[0].header("Authorization").empty());
  CHECK(asked[0].header("Impersonate-User") == "bob");
  CHECK(asked[0].header("Impersonate-Uid") == "7");
  CHECK(asked[0].header("Impersonate-Group") == "dev");
  CHECK(asked[0].header("Impersonate-Extra-example.com%2Fscope") == "x");
  REQUIRE(connected.size() == 1);
  CHECK(connected[0].authorities == "PEM");
  CHECK(connected[0].certificate == "CERT");
  CHECK(connected[0].key == "KEY");
  CHECK(connected[0].server_name == "kube");
  CHECK(connected[0].verify);
}

TEST_CASE_METHOD(Cluster, "a token does not travel in the open") {
  access.cluster.server = "http://api.example";
  CHECK(connect().error().code == Code::badKubeconfig);
  access.cluster.server = "http://127.0.0.1:8001";
  CHECK(connect());
  access.cluster.server = "https://a b";
  CHECK_FALSE(connect());
}

TEST_CASE_METHOD(Cluster, "lists are read page by page") {
  on = [this](const http::Request& request, const Asked&) {
    const bool second = asked.size() == 2;
    return give(request, 200,
                Json{{"metadata", {{"resourceVersion", "9"}, {"continue", second ? "" : "a/b"}}},
                     {"items", {{{"metadata", {{"name", second ? "b" : "a"}}}}}}});
  };
  const auto list = client().list(pods, {.labels = "app=a,tier!=b", .page = 1});
  REQUIRE(list);
  CHECK(list->resource_version == "9");
  REQUIRE(list->items.size() == 2);
  CHECK(list->items[1] == Json{{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", {{"name", "b"}}}});
  CHECK(lines() ==
        std::vector<std::string>{
            "GET /api/v1/namespaces/shop/pods?limit=1&labelSelector=app%3Da%2Ctier%21%3Db",
            "GET /api/v1/namespaces/shop/pods?limit=1&labelSelector=app%3Da%2Ctier%21%3Db&continue=a%2Fb"});
  asked.clear();
  answer(200, {{"metadata", {{"resourceVersion", "9"}}}, {"items", nullptr}});
  CHECK(client().list(pods, {.all_spaces = true, .cached = true})->items.empty());
  CHECK(asked[0].target == "/api/v1/pods?limit=500&resourceVersion=0");
}

TEST_CASE_METHOD(Cluster, "a page that is forgotten begins the list anew, a few times") {
  int gone = 1;
  on = [&](const http::Request& request, const Asked& one) {
    const bool next = one.target.find("continue") != std::string::npos;
    if (next && gone-- > 0) return give(request, 410, refusal(410, "Expired", "too old"));
    return give(request, 200,
                Json{{"metadata", {{"resourceVersion", "9"}, {"continue", next ? "" : "x"}}},
                     {"items", {{{"metadata", {{"name", next ? "b" : "a"}}}}}}});
  };
  CHECK(client().list(pods)->items.size() == 2);
  CHECK(asked.size() == 4);
  gone = 100;
  const auto failed = client().list(pods);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().gone());
  CHECK(failed.error().error.code == Code::versionGone);
}

TEST_CASE_METHOD(Cluster, "what is no answer of an API is told") {
  on = [](const http::Request& request, const Asked&) {
    return give(request, 200, std::string("<html>log in"));
  };
  CHECK(client().get(orders).error().error.code == Code::clusterFailed);
  CHECK(client().list(pods).error().error.code == Code::clusterFailed);
  on = [](const http::Request& request, const Asked&) { return give(request, 302, std::string("moved")); };
  CHECK(client().get(orders).error().error.message == "Deployment/orders: status 302: moved");
}

TEST_CASE_METHOD(Cluster, "what a busy server refuses is asked again, after growing pauses") {
  script({says(429, busy), says(429, busy), says(503, refusal(503, "ServiceUnavailable", "x")),
          says(500, leaderless), says(200, fine)});
  CHECK(client().get(orders));
  CHECK(asked.size() == 5);
  REQUIRE(pauses.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    const auto whole = std::chrono::milliseconds{100} * (1 << i);
    CHECK(pauses[i] >= whole / 2);
    CHECK(pauses[i] <= whole);
  }
}

TEST_CASE_METHOD(Cluster, "Retry-After is kept to, and patience has an end") {
  script({says(429, busy, {{"Retry-After", "7"}}),
          says(429, refusal(429, "TooManyRequests", "x", {{"retryAfterSeconds", 9}})), says(200, fine)});
  CHECK(client().get(orders));
  CHECK(pauses == std::vector<base::Duration>{seconds{7}, seconds{9}});
  asked.clear();
  pauses.clear();
  script({says(429, busy, {{"Retry-After", "31"}})});
  const auto failed = client().get(orders);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().error.code == Code::clusterBusy);
  CHECK(asked.size() == 1);
  script({says(429, busy)});
  CHECK_FALSE(client().get(orders));
  CHECK(std::accumulate(pauses.begin(), pauses.end(), base::Duration{}) <= seconds{30});
  CHECK(pauses.size() > 8);
}

TEST_CASE_METHOD(Cluster, "a broken connection: only what does no harm twice is sent again") {
  const auto attempts = [this](const std::function<bool(const Client&)>& call) {
    asked.clear();
    script({breaks(), says(200, fine)});
    const bool done = call(client());
    CHECK(done == (asked.size() == 2));
    return asked.size();
  };
  Json versionless = fine;
  versionless["metadata"].erase("resourceVersion");
  Json nameless = fine;
  nameless["metadata"].erase("name");
  nameless["metadata"]["generateName"] = "orders-";
  CHECK(attempts([](const Client& c) { return c.get(orders).has_value(); }) == 2);
  CHECK(attempts([](const Client& c) { return c.apply(fine).has_value(); }) == 2);
  CHECK(attempts([](const Client& c) { return c.create(fine).has_value(); }) == 2);
  CHECK(attempts([&](const Client& c) { return c.create(nameless).has_value(); }) == 1);
  CHECK(attempts([](const Client& c) { return c.update(fine).has_value(); }) == 2);
  CHECK(attempts([&](const Client& c) { return c.update(versionless).has_value(); }) == 1);
  CHECK(attempts([](const Client& c) { return c.patch(orders, Patch::merge, fine).has_value(); }) == 2);
  CHECK(attempts([&](const Client& c) { return c.patch(orders, Patch::merge, versionless).has_value(); }) ==
        1);
  CHECK(attempts([](const Client& c) { return c.patch(orders, Patch::json, Json::array()).has_value(); }) ==
        1);
  CHECK(attempts([](const Client& c) { return c.remove(orders, {.uid = "u"}).has_value(); }) == 2);
  CHECK(attempts([](const Client& c) { return c.remove(orders).has_value(); }) == 1);
  CHECK(attempts([](const Client& c) { return c.evict("a").has_value(); }) == 1);
  // Without a connection nothing was done, whatever it was.
  asked.clear();
  script({breaks(Kinds::connect), breaks(Kinds::resolve), says(429, busy), says(201, fine)});
  CHECK(client().create(nameless));
  CHECK(asked.size() == 4);
}

TEST_CASE_METHOD(Cluster, "an answer after a lost one says that it may be our own doing") {
  script({breaks(), says(409, refusal(409, "AlreadyExists", "x"))});
  const auto created = client().create(fine);
  REQUIRE_FALSE(created);
  CHECK(created.error().exists());
  CHECK(created.error().uncertain);
  asked.clear();
  script({says(409, refusal(409, "AlreadyExists", "x"))});
  CHECK_FALSE(client().create(fine).error().uncertain);
  asked.clear();
  const Json missing = refusal(404, "NotFound", "x", {{"name", "orders"}, {"kind", "deployments"}});
  script({breaks(), says(404, missing)});
  CHECK(client().remove(orders, {.uid = "u"}));
  asked.clear();
  script({says(404, missing)});
  CHECK(client().remove(orders, {.uid = "u"}).error().not_found());
  asked.clear();
  script({breaks(Kinds::connect), says(404, missing)});
  CHECK(client().remove(orders, {.uid = "u"}).error().not_found());
}

TEST_CASE_METHOD(Cluster, "a server that hangs uses up patience") {
  on = [this](const http::Request&, const Asked&) {
    clock.advance(seconds{60});
    return broken(Kinds::timeout);
  };
  const auto failed = client().get(orders);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().unreachable());
  CHECK(failed.error().error.code == Code::clusterUnreachable);
  CHECK(asked.size() == 1);
}

TEST_CASE_METHOD(Cluster, "who interrupts is heard before each attempt") {
  bool now = false;
  limits.interrupted = [&] { return now; };
  on_pause = [&] { now = true; };
  script({says(429, busy)});
  CHECK(client().get(orders).error().error.code == Code::interrupted);
  CHECK(asked.size() == 1);
  CHECK(client().get(orders).error().error.code == Code::interrupted);
  CHECK(asked.size() == 1);
}

TEST_CASE_METHOD(Cluster, "limits are each call's own") {
  script({says(429, busy)});
  CHECK_FALSE(client().with({.patience = {}}).get(orders));
  CHECK(asked.size() == 1);
  CHECK(pauses.empty());
}

TEST_CASE_METHOD(Cluster, "a credential that is refused is renewed once") {
  access.user.token.clear();
  access.user.token_file = "/t";
  files.files["/t"] = "old";
  script({says(401, refusal(401, "Unauthorized", "Unauthorized")), says(200, fine)});
  const Client one = client();
  on_pause = {};
  const auto got = one.get(orders);
  CHECK(got);
  CHECK(asked.size() == 2);
  asked.clear();
  script({says(401, refusal(401, "Unauthorized", "Unauthorized"))});
  const auto refused = one.get(orders);
  REQUIRE_FALSE(refused);
  CHECK(asked.size() == 2);
  CHECK(refused.error().error.code == Code::unauthorised);
  CHECK(refused.error().error.message == "the cluster does not know 'ann' (token)");
}

TEST_CASE_METHOD(Cluster, "another certificate takes another connection") {
  access.user = {};
  access.user.exec = kubernetes::kubeconfig::Exec{};
  access.user.exec->api_version = "v";
  int number = 0;
  processes.answer = [&](const system::Command&) {
    const std::string pem = "CERT" + std::to_string(++number);
    system::Finished out;
    out.output = Json{{"kind", "ExecCredential"},
                      {"apiVersion", "v"},
                      {"status", {{"clientCertificateData", pem}, {"clientKeyData", "KEY"}}}}
                     .dump();
    return out;
  };
  script({says(200, fine), says(401, refusal(401, "Unauthorized", "x")), says(200, fine)});
  const Client one = client();
  CHECK(one.get(orders));
  CHECK(one.get(orders));
  REQUIRE(connected.size() == 2);
  CHECK(connected[1].certificate == "CERT2");
}

TEST_CASE_METHOD(Cluster, "warnings are passed on") {
  answer(200, fine, {{"Warning", R"(299 - "policy/v1beta1 is deprecated")"}, {"Warning", "299"}});
  CHECK(client().get(orders));
  CHECK(warnings == std::vector<std::string>{"policy/v1beta1 is deprecated"});
}

TEST_CASE_METHOD(Cluster, "an internal error may be over at once, and is not waited for for long") {
  const Json internal = refusal(500, "InternalError", "a webhook failed");
  script({says(500, internal), says(500, internal), says(200, fine)});
  CHECK(client().apply(fine));
  CHECK(asked.size() == 3);
  asked.clear();
  script({says(500, internal), says(500, internal), says(500, internal), says(200, fine)});
  const auto failed = client().apply(fine);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().error.code == Code::clusterFailed);
  CHECK(asked.size() == 3);
}

TEST_CASE_METHOD(Cluster, "no credential is in any error") {
  access.user.user = "ann";
  access.user.password = "SECRET";
  for (const int status : {401, 403, 404, 409, 410, 418, 422, 429, 500, 503}) {
    script({says(status, refusal(status, "X", "no"))});
    const auto failed = client().with({.patience = {}}).apply(fine);
    REQUIRE_FALSE(failed);
    CHECK(base::to_text(failed.error().error).find("SECRET") == std::string::npos);
  }
  for (const auto kind : {Kinds::resolve, Kinds::tls, Kinds::broken, Kinds::timeout, Kinds::malformed}) {
    script({breaks(kind)});
    const auto failed = client().with({.patience = {}}).apply(fine);
    REQUIRE_FALSE(failed);
    CHECK(base::to_text(failed.error().error).find("SECRET") == std::string::npos);
  }
}

TEST_CASE_METHOD(Cluster, "logs come line by line, as long as they are wanted") {
  on = [](const http::Request& request, const Asked&) {
    for (const char* piece : {"one\ntw", "o\r\n\nth", "ree"})
      if (!request.sink(piece)) return broken(Kinds::refused);
    return give(request, 200, std::string{});
  };
  std::vector<std::string> heard;
  const auto all = [&](std::string_view line) {
    heard.emplace_back(line);
    return true;
  };
  CHECK(client().logs({.pod = "a",
                       .container = "c",
                       .follow = true,
                       .previous = true,
                       .timestamps = true,
                       .since_time = "2026-01-31T12:00:00Z",
                       .since = std::chrono::milliseconds{1500},
                       .tail_lines = 3},
                      all));
  CHECK(heard == std::vector<std::string>{"one", "two", "", "three"});
  CHECK(asked[0].target ==
        "/api/v1/namespaces/shop/pods/a/log?container=c&follow=true&previous=true&timestamps=true&"
        "sinceTime=2026-01-31T12%3A00%3A00Z&sinceSeconds=2&tailLines=3");
  heard.clear();
  CHECK(client().logs({.pod = "a"}, [&](std::string_view line) {
    heard.emplace_back(line);
    return heard.size() < 2;
  }));
  CHECK(heard == std::vector<std::string>{"one", "two"});
}

TEST_CASE_METHOD(Cluster, "who the server takes us for is asked once") {
  answer(201, {{"status", {{"userInfo", {{"username", "system:admin"}}}}}});
  const Client one = client();
  CHECK(one.whoami() == "system:admin");
  CHECK(one.whoami() == "system:admin");
  CHECK(lines() == std::vector<std::string>{"POST /apis/authentication.k8s.io/v1/selfsubjectreviews"});
  asked.clear();
  answer(404, refusal(404, "NotFound", "x"));
  CHECK(client().whoami().empty());
}
