#include <algorithm>

#include "runtime/kubernetes/judge/autoscaler.h"
#include "runtime/kubernetes/judge/fields.h"
#include "runtime/kubernetes/judge/judge.h"
#include "runtime/kubernetes/judge/warnings.h"

namespace msctl::kubernetes::judge {
namespace {

using release::State;

const Json* first_status(const Json& pod, std::string_view reason_ends) {
  for (const char* list : {"status.initContainerStatuses", "status.containerStatuses"})
    for (const Json& status : at(pod, list))
      if (text(status, "state.waiting.reason").ends_with(reason_ends)) return &status;
  return nullptr;
}

// It was ready before, and is not now.
bool was_ready(const Json& pod) {
  const explain::When changed = time_at(condition(pod, "Ready"), "lastTransitionTime");
  bool since_start = false;
  for (const Json& status : at(pod, "status.containerStatuses")) {
    const explain::When started = time_at(status, "state.running.startedAt");
    if (!started) return false;
    since_start = changed && *changed > *started;
  }
  return since_start;
}

State state_of(const Json& pod) {
  const std::string phase = text(pod, "status.phase");
  if (!text(pod, "metadata.deletionTimestamp").empty()) return State::stopping;
  if (phase == "Failed") return State::failed;
  if (phase == "Succeeded") return State::stopped;
  if (text(condition(pod, "Ready"), "status") == "True") return State::ready;
  if (text(pod, "spec.nodeName").empty()) return State::pending;
  if (first_status(pod, "BackOff") != nullptr) return State::backoff;  // CrashLoopBackOff, ImagePullBackOff
  return was_ready(pod) ? State::unready : State::starting;
}

std::string started_at(const Json& pod) {
  std::string out;
  for (const Json& status : at(pod, "status.containerStatuses"))
    out = std::max(out, text(status, "state.running.startedAt"));
  return out;
}

release::ReplicaStatus replica_of(const Json& pod) {
  release::ReplicaStatus out;
  out.id = out.pod = text(pod, "metadata.name");
  out.state = state_of(pod);
  out.started_at = started_at(pod);
  for (const Json& status : at(pod, "status.containerStatuses"))
    out.restarts += number(status, "restartCount");
  for (const Json& container : at(pod, "spec.containers"))
    for (const Json& port : at(container, "ports"))
      if (out.port == 0) out.port = number(port, "containerPort");
  return out;
}

// "2.1" of "registry/shop/orders:2.1@sha256:…"; of a digest alone its first twelve digits.
std::string version_of(const Json& deployment) {
  constexpr std::size_t few = 12;
  const Json& labels = at(deployment, "spec.template.metadata.labels");
  if (labels.is_object() && labels.contains("app.kubernetes.io/version"))
    return text(labels.at("app.kubernetes.io/version"), "");
  const Json& containers = at(deployment, "spec.template.spec.containers");
  if (!containers.is_array() || containers.empty()) return {};
  std::string image = text(containers.front(), "image");
  const std::size_t digest = image.find('@');
  std::string name = image.substr(0, digest);
  const std::size_t colon = name.rfind(':');
  if (colon != std::string::npos && name.find('/', colon) == std::string::npos) return name.substr(colon + 1);
  if (digest == std::string::npos) return "latest";
  const std::string hex = image.substr(image.find(':', digest) + 1);
  return hex.substr(0, few);
}

State state_of(const release::ServiceStatus& service, const Rollout& rollout, bool deleted) {
  auto any = [&](State state) {
    return std::ranges::find(service.replicas, state, &release::ReplicaStatus::state) !=
           service.replicas.end();
  };
  if (deleted) return service.replicas.empty() ? State::stopped : State::stopping;
  if (service.desired == 0) return service.replicas.empty() ? State::idle : State::stopping;
  if (service.ready >= service.desired) return State::ready;
  if (rollout.failed()) return State::failed;
  for (State state : {State::unready, State::backoff, State::failed, State::starting})
    if (any(state)) return state;
  return State::pending;
}

}  // namespace

release::ServiceStatus status_of(const Subject& subject, const Context& context) {
  const Json& deployment = *subject.object;
  const Rollout rollout = progress_of(subject, context);
  release::ServiceStatus out;
  out.name = subject.name();
  out.version = version_of(deployment);
  out.desired = rollout.wanted;
  for (const Json* pod : subject.pods) out.replicas.push_back(replica_of(*pod));
  std::ranges::sort(out.replicas, {}, &release::ReplicaStatus::id);
  out.ready =
      static_cast<int>(std::ranges::count(out.replicas, State::ready, &release::ReplicaStatus::state));
  out.state = state_of(out, rollout, !text(deployment, "metadata.deletionTimestamp").empty());

  release::Condition ready{"Ready", out.state == State::ready, "", ""};
  release::Condition updated{"Updated", rollout.done(), "", rollout.done() ? "" : rollout.progress};
  if (!rollout.findings.empty()) {
    const explain::Finding& first = rollout.findings.front();
    for (release::Condition* each : {&ready, &updated}) {
      if (each->status) continue;
      each->code = base::to_string(first.code);
      each->message = first.sentence;
      each->evidence = first.evidence;
      each->cure = first.cure;
    }
  }
  out.conditions = {std::move(ready), std::move(updated)};
  if (subject.autoscaler != nullptr) {
    out.autoscaler = autoscaler_of(*subject.autoscaler);
    if (auto unread = unread_metric(*subject.autoscaler, context.environment))
      out.conditions.push_back(*std::move(unread));
  }
  out.warnings = warnings_of(subject, context.now);
  return out;
}

}  // namespace msctl::kubernetes::judge
