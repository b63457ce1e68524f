#include "scaffolds/kubernetes/jobs.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/names.h"
#include "runtime/digest/digest.h"
#include "runtime/workspace/jobs.h"
#include "scaffolds/kubernetes/pod.h"
#include "scaffolds/kubernetes/policy.h"

namespace msctl::scaffolds::kubernetes {
namespace {

using containers::Container;
using containers::Containers;
using workspace::Job;

Json labels_of(std::string_view name, std::string_view service, std::string_view workspace) {
  Json out = metadata(name, workspace)["labels"];
  out[job_of] = service;
  return out;
}

// The service finds itself as its callers do: a smoke test asks it.
void add_own_address(const Container& container, Json& inner) {
  const std::string variable = base::need_variable(container.name);
  if (container.service->env.contains(variable)) return;
  if (!inner.contains("env")) inner["env"] = Json::array();
  inner["env"].push_back({{"name", variable}, {"value", container.address}});
}

// The container of the service, without what makes it one that serves.
Json container_for(const Container& container, const Job& job, const Json& own) {
  Json out{{"name", job.name}, {"image", own["image"]}, {"command", job.run}};
  for (const auto& [key, value] : own.items())
    if (!out.contains(key) && key != "args" && key != "ports" && key != "lifecycle" &&
        !key.ends_with("Probe"))
      out[key] = value;
  add_own_address(container, out);
  return out;
}

Json pod_for(const Container& container, const Job& job, const Json& own) {
  Json out = own;
  // Where replicas are put says nothing about what runs once.
  out.erase("topologySpreadConstraints");
  out.erase("affinity");
  out["restartPolicy"] = "Never";
  out["containers"][0] = container_for(container, job, own["containers"][0]);
  return out;
}

Json job_object(const Container& container, const Job& job, std::string_view workspace,
                const Json& deployment) {
  const Json& own = deployment["spec"]["template"];
  Json pods{{"labels", labels_of(jobs_name(container.name), container.name, workspace)}};
  // What changes with the content of something that the Pod only refers to.
  if (own["metadata"].contains("annotations")) pods["annotations"] = own["metadata"]["annotations"];
  Json spec{{"backoffLimit", job.retries},
            {"activeDeadlineSeconds", std::chrono::ceil<std::chrono::seconds>(job.timeout).count()},
            // Never two tries at the same time, not even while the one before ends.
            {"podReplacementPolicy", "Failed"},
            {"template", {{"metadata", std::move(pods)}, {"spec", pod_for(container, job, own["spec"])}}}};
  const std::string hash = digest::sha256(spec.dump()).substr(0, workspace::job_hash_digits);
  return {{"apiVersion", "batch/v1"},
          {"kind", "Job"},
          {"metadata",
           {{"name", fmt::format("{}-{}-{}", container.name, job.name, hash)},
            {"labels", labels_of(container.name, container.name, workspace)},
            {"annotations",
             {{job_name, job.name}, {job_when, job.when == Job::When::before ? "before" : "after"}}}}},
          {"spec", std::move(spec)}};
}

}  // namespace

std::string jobs_name(std::string_view service) {
  return fmt::format("{}.jobs", service);
}

Objects jobs_of(const Container& container, std::string_view workspace, const Json& deployment) {
  Objects out;
  for (const Job& job : container.service->jobs)
    out.push_back(job_object(container, job, workspace, deployment));
  return out;
}

Objects job_policies(const Containers& all, const Container& container) {
  if (container.service->jobs.empty()) return {};
  Objects out{policy_of_jobs(all, container)};
  for (const std::string& need : container.needs)
    if (const Container* called = all.find(need))
      out.push_back(policy_to(*called, container.name, all.workspace));
  out.push_back(policy_to(container, container.name, all.workspace));
  for (Json& policy : out)
    policy["metadata"]["labels"] = labels_of(container.name, container.name, all.workspace);
  return out;
}

void add_jobs(const Containers& all, const Container& container, Objects& objects) {
  if (container.service->jobs.empty()) return;
  auto is_deployment = [](const Json& object) { return object["kind"] == "Deployment"; };
  auto deployment = std::ranges::find_if(objects, is_deployment);
  Objects first = job_policies(all, container);
  Objects last;
  for (Json& job : jobs_of(container, all.workspace, *deployment))
    (job["metadata"]["annotations"][job_when] == "before" ? first : last).push_back(std::move(job));
  objects.insert(deployment, first.begin(), first.end());
  objects.insert(objects.end(), last.begin(), last.end());
}

}  // namespace msctl::scaffolds::kubernetes
