#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "runtime/kubernetes/judge/fields.h"
#include "runtime/kubernetes/judge/judge.h"
#include "runtime/kubernetes/judge/pod.h"
#include "runtime/kubernetes/judge/versions.h"
#include "runtime/kubernetes/judge/words.h"

namespace msctl::kubernetes::judge {
namespace {

using explain::Evidence;

// Of those that take Pods now; one that is closed for the moment still has its size.
explain::Machines machines_of(const Subject& subject) {
  explain::Machines out;
  std::unordered_map<std::string, std::pair<std::int64_t, std::int64_t>> used;
  for (const Json* pod : subject.neighbours) {
    const std::string phase = text(*pod, "status.phase");
    if (phase == "Succeeded" || phase == "Failed") continue;
    auto& [cpu, memory] = used[text(*pod, "spec.nodeName")];
    cpu += cpu_of(at(*pod, "spec"));
    memory += memory_of(at(*pod, "spec"));
  }
  for (const Json* node : subject.nodes) {
    ++out.count;
    const std::int64_t cpu = cpu_at(*node, "status.allocatable.cpu");
    const std::int64_t memory = memory_at(*node, "status.allocatable.memory");
    out.largest_cpu = std::max(out.largest_cpu, cpu);
    out.largest_memory = std::max(out.largest_memory, memory);
    if (subject.neighbours.empty() || flag(*node, "spec.unschedulable")) continue;
    const auto& [cpu_used, memory_used] = used[text(*node, "metadata.name")];
    out.free_cpu = std::max(out.free_cpu.value_or(0), cpu - cpu_used);
    out.free_memory = std::max(out.free_memory.value_or(0), memory - memory_used);
  }
  return out;
}

std::string node_trouble(const Subject& subject, const Json& pod, const explain::Replica& replica) {
  if (replica.node.empty()) return {};
  for (const Json* node : subject.nodes) {
    if (text(*node, "metadata.name") != replica.node) continue;
    const Json& ready = condition(*node, "Ready");
    if (text(ready, "status") == "True") return {};
    return fmt::format("{}: {}", text(ready, "reason"), text(ready, "message"));
  }
  if (!subject.nodes.empty()) return "the node is not in the cluster any more";
  // Without the right to see nodes, the node controller's event tells; it is old news once the Pod was ready
  // again.
  const explain::When since = time_at(condition(pod, "Ready"), "lastTransitionTime");
  for (const explain::Event& event : replica.events)
    if (event.reason == "NodeNotReady" && event.last >= since) return event.message;
  return {};
}

void add_refused(const Json& object, const char* type, const char* status, const Subject& subject,
                 Evidence& out) {
  const Json& failure = condition(object, type);
  if (text(failure, "status") != status) return;
  explain::Refused refused{text(failure, "message"), 1, time_at(failure, "lastTransitionTime")};
  for (const Json* each : events_about(subject, object))
    if (const explain::Event event = event_of(*each); event.reason == "FailedCreate")
      refused.count = std::max(refused.count, event.count);
  out.refused.push_back(std::move(refused));
}

// A Job has no condition for it.
void add_refused_job(const Subject& subject, Evidence& out) {
  explain::When newest;
  for (const explain::Replica& replica : out.replicas) newest = std::max(newest, replica.created);
  for (const Json* each : events_about(subject, *subject.object)) {
    const explain::Event event = event_of(*each);
    if (event.reason != "FailedCreate" || event.last < newest) continue;
    constexpr std::string_view prefix = "Error creating: ";
    out.refused.push_back(
        {event.message.starts_with(prefix) ? event.message.substr(prefix.size()) : event.message, event.count,
         event.first});
  }
}

// It has failed as soon as that is decided, though what still runs of it is not ended yet: only so there are
// last words of what took too long, since its Pods go then.
// https://kubernetes.io/docs/concepts/workloads/controllers/job/#terminal-job-conditions
const Json& failure_of(const Json& job) {
  const Json& failed = condition(job, "Failed");
  return text(failed, "status") == "True" ? failed : condition(job, "FailureTarget");
}

void add_job(const Subject& subject, Evidence& out) {
  const Json& job = *subject.object;
  const Json& failed = failure_of(job);
  out.once = explain::Once{text(failed, "status") == "True", text(failed, "reason"), text(failed, "message"),
                           number(job, "status.failed")};
  out.once->name = subject.job();
  out.once->object = subject.name();
  out.once->limit = std::chrono::seconds(number(job, "spec.activeDeadlineSeconds"));
  out.once->since = time_at(failed, "lastTransitionTime");
  add_refused_job(subject, out);
}

void add_deployment(const Subject& subject, const Json* set, Evidence& out) {
  const Json& deployment = *subject.object;
  out.paused = flag(deployment, "spec.paused");
  if (set != nullptr)
    add_refused(*set, "ReplicaFailure", "True", subject, out);
  else if (text(condition(deployment, "Progressing"), "reason") == "ReplicaSetCreateError")
    add_refused(deployment, "Progressing", "False", subject, out);
  // For a moment after a change, the verdict about the version before still stands there: it names its
  // ReplicaSet.
  const Json& progressing = condition(deployment, "Progressing");
  const std::string message = text(progressing, "message");
  if (text(progressing, "reason") == "ProgressDeadlineExceeded" &&
      (set == nullptr || !message.contains('"') ||
       message.contains(fmt::format("\"{}\"", text(*set, "metadata.name")))))
    out.late = message;
}

}  // namespace

Evidence evidence_of(const Subject& subject, const Context& context) {
  Evidence out;
  out.now = context.now;
  out.service = subject.service();
  out.environment = context.environment;
  out.space = text(*subject.object, "metadata.namespace");
  const Json& spec = at(*subject.object, "spec.template.spec");
  out.cpu = cpu_of(spec);
  out.memory = memory_of(spec);
  const Json* set = is_job(subject) ? nullptr : new_replica_set(subject);
  for (const Json* pod : subject.pods) {
    explain::Replica replica = replica_of(*pod, events_about(subject, *pod));
    replica.is_new = is_job(subject) || (set != nullptr && controller(*pod) == text(*set, "metadata.uid"));
    replica.node_trouble = node_trouble(subject, *pod, replica);
    add_last_words(context.last_words, replica);
    out.replicas.push_back(std::move(replica));
  }
  if (std::ranges::any_of(out.replicas, [](const explain::Replica& replica) { return !replica.placed; }))
    out.machines = machines_of(subject);
  if (is_job(subject))
    add_job(subject, out);
  else
    add_deployment(subject, set, out);
  return out;
}

}  // namespace msctl::kubernetes::judge
