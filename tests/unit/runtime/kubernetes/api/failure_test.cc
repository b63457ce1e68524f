// Refusals as API servers of 1.34 and earlier words them.
#include "runtime/kubernetes/api/failure.h"

#include <nlohmann/json.hpp>

#include "runtime/kubernetes/api/words.h"
#include "tests/catch.h"
#include "tests/unit/runtime/kubernetes/api/server.h"

using namespace msctl;
using namespace msctl::kubernetes::api;
using base::Code;
using fakes::object;
using fakes::refusal;

namespace {

const About about{"patch", "apps", "deployments", {}, "Deployment", "orders", "shop"};

Failure read(int status, const std::string& reason, const std::string& message,
             Json details = Json::object()) {
  return read_failure(status, refusal(status, reason, message, std::move(details)).dump(), {}, about,
                      "'ann' (token)");
}

}  // namespace

TEST_CASE("what may not be done is told as whom, and with the rule that is missing") {
  const auto failure = read(403, "Forbidden",
                            "deployments.apps \"orders\" is forbidden: User "
                            "\"system:serviceaccount:shop:ci\" cannot create resource "
                            "\"deployments/scale\" in API group \"apps\" in the namespace \"shop\"");
  CHECK(failure.forbidden());
  CHECK(failure.error.code == Code::forbidden);
  CHECK(failure.error.message ==
        "system:serviceaccount:shop:ci may not create deployments/scale.apps in the namespace 'shop'");
  CHECK(failure.error.suggestion ==
        "a Role that is bound to this user needs the rule {apiGroups: [\"apps\"], resources: "
        "[\"deployments/scale\"], verbs: [\"create\"]}");
  const auto wide =
      read(403, "Forbidden",
           "nodes is forbidden: User \"ann\" cannot list resource \"nodes\" in API group \"\" at the "
           "cluster scope");
  CHECK(wide.error.message == "ann may not list nodes");
  CHECK(wide.error.suggestion.starts_with(
      "a ClusterRole that is bound to this user needs the rule {apiGroups: [\"\"]"));
}

TEST_CASE("a policy's refusal is told in its own words") {
  for (const auto& [words, told] : std::map<std::string, std::string>{
           {"admission webhook \"policy.example\" denied the request: no limits",
            "Deployment/orders is refused by the admission webhook 'policy.example': no limits"},
           {"deployments.apps \"orders\" is forbidden: ValidatingAdmissionPolicy 'limits' with binding 'all' "
            "denied "
            "request: replicas are too many",
            "Deployment/orders is refused by the policy 'limits': replicas are too many"},
           {"pods \"a\" is forbidden: violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation "
            "!= false",
            "Deployment/orders is refused by Pod Security 'restricted:latest': allowPrivilegeEscalation != "
            "false"},
           {"pods \"a\" is forbidden: maximum cpu usage per Container is 1, but limit is 2",
            "Deployment/orders is refused: maximum cpu usage per Container is 1, but limit is 2"},
           {"configmaps \"a\" is forbidden: unable to create new content in namespace shop because it is "
            "being "
            "terminated",
            "Deployment/orders is refused by the namespace, which is being removed"}}) {
    const auto failure = read(403, "Forbidden", words);
    CHECK(failure.error.code == Code::admissionRefused);
    CHECK(failure.error.message == told);
  }
  const auto hook = read(400, "BadRequest", "admission webhook \"h\" denied the request: no");
  CHECK(hook.error.code == Code::admissionRefused);
  const auto down =
      read(500, "InternalError",
           "Internal error occurred: failed calling webhook \"h.example\": failed to call webhook: Post "
           "\"https://h.shop.svc:443\": connect: connection refused");
  CHECK(down.error.code == Code::admissionRefused);
  CHECK(down.error.message.find("'h.example', which cannot be asked: failed to call") != std::string::npos);
}

TEST_CASE("a quota's refusal says what was asked and what is left") {
  const auto failure =
      read(403, "Forbidden",
           "pods \"a\" is forbidden: exceeded quota: small, requested: pods=1, used: pods=2, limited: "
           "pods=2");
  CHECK(failure.error.code == Code::quotaRefused);
  CHECK(failure.error.message ==
        "Deployment/orders: exceeded quota: small, requested: pods=1, used: pods=2, limited: pods=2");
}

TEST_CASE("an invalid object is told field by field") {
  const auto failure = read(422, "Invalid", "Deployment.apps \"orders\" is invalid: [...]",
                            {{"name", "orders"},
                             {"causes",
                              {{{"reason", "FieldValueInvalid"},
                                {"message", "Invalid value: -1: must be greater than or equal to 0"},
                                {"field", "spec.replicas"}},
                               {{"reason", "FieldValueInvalid"},
                                {"message", "Invalid value: field is immutable"},
                                {"field", "spec.selector"}}}}});
  CHECK(failure.error.code == Code::objectInvalid);
  CHECK(failure.error.message ==
        "Deployment/orders: spec.replicas: Invalid value: -1: must be greater than or equal to 0");
  CHECK(failure.error.notes == std::vector<std::string>{"spec.selector: Invalid value: field is immutable"});
  CHECK(failure.error.suggestion == "this field cannot be changed: the object has to be removed first");
  CHECK(failure.causes.size() == 2);
  for (const auto& [status, words] :
       std::map<int, std::string>{{400, "strict decoding error: unknown field \"spec.replica\""},
                                  {500,
                                   "failed to create typed patch object (shop/orders; apps/v1, "
                                   "Kind=Deployment): .spec.replica: field "
                                   "not declared in schema"}}) {
    const auto unknown = read(status, "", words);
    CHECK(unknown.error.code == Code::objectInvalid);
    CHECK(unknown.error.message == "Deployment/orders: " + words);
  }
}

TEST_CASE("a conflict names the field, its manager and since when") {
  const auto failure =
      read(409, "Conflict", "Apply failed with 2 conflicts",
           {{"causes",
             {{{"reason", "FieldManagerConflict"},
               {"message", "conflict with \"kubectl-edit\" using apps/v1 at 2026-01-31T12:00:00Z"},
               {"field", ".spec.replicas"}},
              {{"reason", "FieldManagerConflict"},
               {"message", "conflict with \"ann\" with subresource \"status\" using apps/v1"},
               {"field", ".spec.template.spec.containers[name=\"orders\"].image"}}}}});
  CHECK(failure.conflict());
  CHECK_FALSE(failure.exists());
  REQUIRE(failure.conflicts.size() == 2);
  CHECK(failure.conflicts[0].manager == "kubectl-edit");
  CHECK(failure.conflicts[0].since == "2026-01-31T12:00:00Z");
  CHECK(failure.conflicts[1].manager == "ann");
  CHECK(failure.conflicts[1].since.empty());
  CHECK(failure.error.code == Code::fieldConflict);
  CHECK(failure.error.message ==
        "Deployment/orders: .spec.replicas is stated by 'kubectl-edit', last changed 2026-01-31T12:00:00Z");
  CHECK(failure.error.notes ==
        std::vector<std::string>{".spec.template.spec.containers[name=\"orders\"].image is stated by 'ann'"});
}

TEST_CASE("409, 410, 404 and 429 mean different things") {
  const auto changed = read(409, "Conflict", "the object has been modified");
  CHECK(changed.conflict());
  CHECK(changed.error.code == Code::objectChanged);
  const auto exists = read(409, "AlreadyExists", "x");
  CHECK_FALSE(exists.conflict());
  CHECK(exists.error.code == Code::objectExists);
  CHECK(read(410, "Expired", "too old").error.code == Code::versionGone);
  const auto missing = read(404, "NotFound", "deployments.apps \"orders\" not found",
                            {{"name", "orders"}, {"group", "apps"}, {"kind", "deployments"}});
  CHECK_FALSE(missing.unserved);
  CHECK(missing.error.message == "Deployment/orders is not there in the namespace 'shop'");
  const auto space =
      read(404, "NotFound", "namespaces \"shop\" not found", {{"name", "shop"}, {"kind", "namespaces"}});
  CHECK(space.error.message == "Deployment/orders: the namespace 'shop' is not there");
  CHECK(space.error.suggestion == "kubectl create namespace shop");
  CHECK(read(404, "NotFound", "the server could not find the requested resource").unserved);
  CHECK(read_failure(404, "404 page not found\n", {}, about, "x").unserved);
  CHECK(read(429, "TooManyRequests", "x").error.code == Code::clusterBusy);
  const auto budget =
      read(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.",
           {{"causes", {{{"reason", "DisruptionBudget"}, {"message", "needs 2 healthy pods"}}}}});
  CHECK(budget.error.code == Code::disruptionRefused);
  CHECK(read(500, "InternalError", "etcdserver: request timed out").error.code == Code::clusterBusy);
  CHECK(read(500, "InternalError", "x").error.code == Code::clusterFailed);
}

TEST_CASE("answers of others are taken as they are, without control characters") {
  const auto proxy = read_failure(502, "<html>\x1b[2Jbad\ngateway", "12", about, "x");
  CHECK(proxy.message == "<html>[2Jbad gateway");
  CHECK(proxy.retry_after == std::chrono::seconds{12});
  for (const char* body : {"", "[]", "{\"kind\":\"Status\",\"details\":[]}",
                           "{\"kind\":\"Status\",\"details\":{\"causes\":[1]}}"}) {
    const auto odd = read_failure(500, body, {}, about, "x");
    CHECK_FALSE(odd.error.message.empty());
  }
}
