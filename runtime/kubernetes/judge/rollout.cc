// Done as `kubectl rollout status` has it (k8s.io/kubectl, pkg/polymorphichelpers/rollout_status.go), and
// failed as soon as the evidence is certain, which kubectl does not look at.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/explain/rules/explain.h"
#include "runtime/kubernetes/judge/fields.h"
#include "runtime/kubernetes/judge/judge.h"
#include "runtime/kubernetes/judge/versions.h"

namespace msctl::kubernetes::judge {
namespace {

using Phase = Rollout::Phase;

std::string replicas(int count, std::string_view which) {
  return fmt::format("{} {} replica{}", count, which, count == 1 ? "" : "s");
}

// Sets phase and progress by the counts alone.
void count(Rollout& out) {
  out.phase = Phase::under_way;
  if (out.generation > out.observed) {
    out.phase = Phase::unseen;
    out.progress = "the cluster has not taken it up yet";
  } else if (out.updated < out.wanted) {
    out.progress = fmt::format("{} of {} made", out.updated, replicas(out.wanted, "new"));
  } else if (out.existing > out.updated) {
    out.progress = fmt::format("{} still to end", replicas(out.existing - out.updated, "old"));
  } else if (out.available < out.updated) {
    out.progress = fmt::format("{} of {} available", out.available, replicas(out.updated, "new"));
  } else {
    out.phase = Phase::done;
    out.progress = out.wanted == 0 ? "scaled to nothing" : "complete";
  }
}

// What is done is not undone by what concerns the service as a whole (somebody paused it since), but by a
// replica that was ready for a moment each time before it crashed.
void judge(Rollout& out, const explain::Evidence& evidence) {
  if (out.phase == Phase::unseen) return;
  out.findings = explain::explain(evidence);
  if (out.done()) std::erase_if(out.findings, [](const explain::Finding& f) { return f.replicas == 0; });
  const bool certain = std::ranges::any_of(out.findings, &explain::Finding::certain);
  const bool late = !out.done() && !evidence.late.empty();
  if (certain || late) out.phase = Phase::failed;
}

// The condition of a Job comes from another watch than its Pods, and may be here first: without the end of a
// run there are no last words, and they are worth a moment.
bool lacks_its_last_run(const explain::Evidence& evidence) {
  constexpr std::string_view by_failed_runs = "BackoffLimitExceeded";
  constexpr base::Duration moment = std::chrono::seconds(3);
  if (!evidence.once || !evidence.once->failed || evidence.once->reason != by_failed_runs) return false;
  if (!evidence.once->since || evidence.now - *evidence.once->since >= moment) return false;
  return std::ranges::none_of(evidence.replicas, [](const explain::Replica& replica) {
    return replica.given_up ||
           std::ranges::any_of(replica.containers, [](const auto& each) { return each.ended.has_value(); });
  });
}

Rollout of_job(const Subject& subject, const explain::Evidence& evidence) {
  const Json& job = *subject.object;
  Rollout out;
  out.service = evidence.service;
  out.job = subject.job();
  out.generation = out.observed = number(job, "metadata.generation");
  out.wanted = number(job, "spec.completions", 1);
  out.updated = out.existing = number(job, "status.active");
  out.ready = number(job, "status.ready");
  out.available = number(job, "status.succeeded");
  out.paused = flag(job, "spec.suspend");
  if (text(condition(job, "Complete"), "status") == "True") {
    out.phase = Phase::done;
    out.progress = "complete";
    return out;
  }
  out.phase = Phase::under_way;
  out.progress = out.paused ? std::string("suspended")
                            : fmt::format("{} of {} run{} complete", out.available, out.wanted,
                                          out.wanted == 1 ? "" : "s");
  if (!lacks_its_last_run(evidence)) judge(out, evidence);
  return out;
}

}  // namespace

Rollout progress_of(const Subject& subject, const Context& context) {
  const explain::Evidence evidence = evidence_of(subject, context);
  if (is_job(subject)) return of_job(subject, evidence);
  const Json& deployment = *subject.object;
  Rollout out;
  out.service = subject.name();
  out.generation = number(deployment, "metadata.generation");
  out.observed = number(deployment, "status.observedGeneration");
  out.wanted = number(deployment, "spec.replicas", 1);
  out.existing = number(deployment, "status.replicas");
  out.updated = number(deployment, "status.updatedReplicas");
  out.ready = number(deployment, "status.readyReplicas");
  out.available = number(deployment, "status.availableReplicas");
  out.autoscaled = subject.autoscaler != nullptr;
  out.paused = flag(deployment, "spec.paused");
  if (const Json* set = new_replica_set(subject)) {
    out.replica_set = text(*set, "metadata.name");
    const Json& labels = at(*set, "metadata.labels");
    if (labels.is_object()) out.template_hash = labels.value("pod-template-hash", "");
  }
  count(out);
  judge(out, evidence);
  return out;
}

}  // namespace msctl::kubernetes::judge
