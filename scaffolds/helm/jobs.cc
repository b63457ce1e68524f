#include "scaffolds/helm/jobs.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "scaffolds/kubernetes/jobs.h"

namespace msctl::scaffolds::helm {
namespace {

using Json = nlohmann::ordered_json;
using containers::Container;

constexpr const char* before = "pre-install,pre-upgrade";
constexpr const char* after = "post-install,post-upgrade";
constexpr int first = -100;

// Hooks of one kind of moment run by their weight, each when the one before it has ended well.
void hook(Json& object, const char* when, int weight) {
  Json& annotations = object["metadata"]["annotations"];
  annotations["helm.sh/hook"] = when;
  annotations["helm.sh/hook-weight"] = std::to_string(weight);
  annotations["helm.sh/hook-delete-policy"] = "before-hook-creation";
}

Json named(const char* kind, const Container& container, const Json& labels) {
  return {{"apiVersion", "v1"},
          {"kind", kind},
          {"metadata", {{"name", kubernetes::jobs_name(container.name)}, {"labels", labels}}}};
}

// Under the same name each time: its image is told when it is installed, and Helm replaces it.
void adapt(Json& job, const Container& container, int number) {
  const std::string name = job["metadata"]["annotations"][kubernetes::job_name];
  const bool goes_before = job["metadata"]["annotations"][kubernetes::job_when] == "before";
  job["metadata"]["name"] = fmt::format("{}-{}", container.name, name);
  job["metadata"].erase("annotations");
  hook(job, goes_before ? before : after, number);
  Json& pod = job["spec"]["template"]["spec"];
  pod["serviceAccountName"] = kubernetes::jobs_name(container.name);
  Json& inner = pod["containers"][0];
  if (inner.contains("envFrom"))
    inner["envFrom"][0]["configMapRef"]["name"] = kubernetes::jobs_name(container.name);
}

}  // namespace

kubernetes::Objects job_hooks(const containers::Containers& all, const Container& container,
                              const Json& deployment) {
  kubernetes::Objects out;
  if (container.service->jobs.empty()) return out;
  kubernetes::Objects jobs = kubernetes::jobs_of(container, all.workspace, deployment);
  const Json& labels = jobs.front()["metadata"]["labels"];
  Json account = named("ServiceAccount", container, labels);
  account["automountServiceAccountToken"] = false;
  out.push_back(std::move(account));
  if (jobs.front()["spec"]["template"]["spec"]["containers"][0].contains("envFrom"))
    out.push_back(named("ConfigMap", container, labels));
  for (Json& policy : kubernetes::job_policies(all, container)) out.push_back(std::move(policy));
  for (Json& object : out) hook(object, before, first);
  int number = 0;
  for (Json& job : jobs) {
    adapt(job, container, number++);
    out.push_back(std::move(job));
  }
  return out;
}

}  // namespace msctl::scaffolds::helm
