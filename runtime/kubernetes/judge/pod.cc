#include "runtime/kubernetes/judge/pod.h"

#include <algorithm>
#include <utility>

#include "runtime/kubernetes/judge/fields.h"
#include "runtime/kubernetes/judge/missing.h"
#include "runtime/kubernetes/judge/probes.h"

namespace msctl::kubernetes::judge {
namespace {

using explain::Container;
using explain::Replica;

explain::Ended ended_of(const Json& terminated) {
  explain::Ended out;
  out.exit_code = number(terminated, "exitCode");
  out.signal = number(terminated, "signal");
  // The runtimes tell a signal as shells do.
  constexpr int signals_from = 128, signals_to = 128 + 64;
  if (out.signal == 0 && out.exit_code > signals_from && out.exit_code <= signals_to)
    out.signal = out.exit_code - signals_from;
  out.reason = text(terminated, "reason");
  out.message = text(terminated, "message");
  out.out_of_memory = out.reason == "OOMKilled";
  // Of what never started, exit code 128 is the runtime's invention.
  if (out.reason == "StartError") out.signal = 0;
  out.started = time_at(terminated, "startedAt");
  out.at = time_at(terminated, "finishedAt");
  return out;
}

Container container_of(const Json& spec, const Json& status, bool prepares) {
  Container out;
  out.name = text(spec, "name");
  out.image = text(spec, "image");
  // One that stays beside the others is none that prepares (a sidecar).
  out.prepares = prepares && text(spec, "restartPolicy") != "Always";
  out.memory = memory_at(spec, "resources.limits.memory");
  out.ready = flag(status, "ready");
  out.started = flag(status, "started");
  out.restarts = number(status, "restartCount");
  const Json& state = at(status, "state");
  if (const Json& running = at(state, "running"); running.is_object()) {
    out.running = true;
    out.since = time_at(running, "startedAt");
  }
  if (const Json& waiting = at(state, "waiting"); waiting.is_object())
    out.waiting = explain::Waiting{text(waiting, "reason"), text(waiting, "message")};
  if (const Json& terminated = at(state, "terminated"); terminated.is_object())
    out.ended = ended_of(terminated);
  else if (const Json& last = at(status, "lastState.terminated"); last.is_object())
    out.ended = ended_of(last);
  return out;
}

void add_containers(const Json& pod, const char* specs, const char* statuses, bool prepares, Replica& out) {
  for (const Json& spec : at(pod, specs)) {
    const Json* status = nullptr;
    for (const Json& each : at(pod, statuses))
      if (text(each, "name") == text(spec, "name")) status = &each;
    static const Json none;
    out.containers.push_back(container_of(spec, status == nullptr ? none : *status, prepares));
  }
}

// The kubelet's "Container orders failed liveness probe, will be restarted".
void count_kills(Replica& out) {
  for (const explain::Event& event : out.events) {
    if (event.reason != "Killing") continue;
    for (Container& container : out.containers) {
      if (container.name != event.container) continue;
      if (event.message.contains("failed liveness probe")) container.killed_by_liveness += event.count;
      if (event.message.contains("failed startup probe")) container.killed_by_startup += event.count;
    }
  }
}

std::int64_t need(const Json& spec, const char* path, std::int64_t (*amount)(const Json&, std::string_view)) {
  std::int64_t sum = 0, most = 0;
  for (const Json& container : at(spec, "containers")) sum += amount(container, path);
  for (const Json& container : at(spec, "initContainers"))
    if (text(container, "restartPolicy") == "Always")
      sum += amount(container, path);
    else
      most = std::max(most, sum + amount(container, path));
  return std::max(sum, most);
}

}  // namespace

explain::Event event_of(const Json& event) {
  explain::Event out;
  out.reason = text(event, "reason");
  out.message = text(event, "message");
  // "spec.containers{orders}"
  if (const std::string field = text(event, "involvedObject.fieldPath"); field.ends_with('}'))
    out.container = field.substr(field.find('{') + 1, field.size() - field.find('{') - 2);
  // Both forms are in use: that of the kubelet, and that of the scheduler (a series).
  out.count = std::max({1, number(event, "count"), number(event, "series.count")});
  for (const char* path : {"firstTimestamp", "eventTime", "metadata.creationTimestamp"})
    if (!out.first) out.first = time_at(event, path);
  for (const char* path : {"series.lastObservedTime", "lastTimestamp"})
    if (!out.last) out.last = time_at(event, path);
  if (!out.last) out.last = out.first;
  return out;
}

Replica replica_of(const Json& pod, const Objects& events) {
  Replica out;
  out.name = text(pod, "metadata.name");
  out.node = text(pod, "spec.nodeName");
  out.created = time_at(pod, "metadata.creationTimestamp");
  out.stopping = !text(pod, "metadata.deletionTimestamp").empty();
  out.ready = text(condition(pod, "Ready"), "status") == "True";
  const Json& scheduled = condition(pod, "PodScheduled");
  out.placed = !out.node.empty();
  if (!out.placed && text(scheduled, "status") == "False") out.place_refused = text(scheduled, "message");
  const std::string reason = text(pod, "status.reason");
  out.given_up = text(pod, "status.phase") == "Failed" && !reason.empty() && reason != "DeadlineExceeded";
  if (out.given_up) {
    out.reason = reason;
    out.message = text(pod, "status.message");
  }
  for (const Json* event : events) out.events.push_back(event_of(*event));
  std::ranges::stable_sort(out.events, {}, &explain::Event::last);
  add_containers(pod, "spec.initContainers", "status.initContainerStatuses", true, out);
  add_containers(pod, "spec.containers", "status.containerStatuses", false, out);
  count_kills(out);
  out.probes = probes_of(pod);
  out.probe_failures = probe_failures(out.events);
  out.missing = missing_of(pod, out);
  return out;
}

std::int64_t cpu_of(const Json& pod_spec) {
  return need(pod_spec, "resources.requests.cpu", cpu_at);
}

std::int64_t memory_of(const Json& pod_spec) {
  return need(pod_spec, "resources.requests.memory", memory_at);
}

}  // namespace msctl::kubernetes::judge
