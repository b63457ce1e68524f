#include "runtime/kubernetes/judge/probes.h"

#include <fmt/format.h>

#include <array>

#include "runtime/kubernetes/judge/fields.h"

namespace msctl::kubernetes::judge {
namespace {

struct Named {
  explain::ProbeKind kind;
  const char* field;
  std::string_view says;  // how the kubelet's events begin
};
constexpr std::array<Named, 3> kinds{{{explain::ProbeKind::startup, "startupProbe", "Startup probe "},
                                      {explain::ProbeKind::readiness, "readinessProbe", "Readiness probe "},
                                      {explain::ProbeKind::liveness, "livenessProbe", "Liveness probe "}}};

// The number, also of a port that is told by its name.
std::string port(const Json& container, const Json& value) {
  if (value.is_number()) return value.dump();
  const std::string name = value.is_string() ? value.get<std::string>() : std::string("?");
  for (const Json& each : at(container, "ports"))
    if (text(each, "name") == name) return at(each, "containerPort").dump();
  return name;
}

std::string question(const Json& container, const Json& probe) {
  if (const Json& http = at(probe, "httpGet"); http.is_object()) {
    const std::string path = text(http, "path");
    return fmt::format("GET {} on port {}", path.empty() ? "/" : path, port(container, at(http, "port")));
  }
  if (const Json& tcp = at(probe, "tcpSocket"); tcp.is_object())
    return fmt::format("a connection to port {}", port(container, at(tcp, "port")));
  if (const Json& grpc = at(probe, "grpc"); grpc.is_object())
    return fmt::format("the gRPC health check on port {}", port(container, at(grpc, "port")));
  std::string command;
  for (const Json& word : at(probe, "exec.command"))
    if (word.is_string()) command += (command.empty() ? "" : " ") + word.get<std::string>();
  return fmt::format("'{}'", command);
}

explain::Probe probe_of(const Json& container, const Json& probe, explain::ProbeKind kind) {
  // The API server writes the defaults; these are they.
  const int period = number(probe, "periodSeconds", 10), failures = number(probe, "failureThreshold", 3);
  return {kind, question(container, probe), std::chrono::seconds(number(probe, "timeoutSeconds", 1)),
          std::chrono::seconds(number(probe, "initialDelaySeconds") + period * failures)};
}

}  // namespace

std::vector<explain::Probe> probes_of(const Json& pod) {
  std::vector<explain::Probe> out;
  for (const Json& container : at(pod, "spec.containers")) {
    for (const Named& each : kinds)
      if (const Json& probe = at(container, each.field); probe.is_object())
        out.push_back(probe_of(container, probe, each.kind));
    if (!out.empty()) break;
  }
  return out;
}

std::vector<explain::ProbeFailure> probe_failures(const std::vector<explain::Event>& events) {
  std::vector<explain::ProbeFailure> out;
  for (const explain::Event& event : events) {
    if (event.reason != "Unhealthy") continue;
    for (const Named& each : kinds) {
      if (!event.message.starts_with(each.says)) continue;
      // "Readiness probe failed: ANSWER", "Readiness probe errored: ANSWER"
      const std::size_t colon = event.message.find(": ");
      out.push_back({each.kind, colon == std::string::npos ? event.message : event.message.substr(colon + 2),
                     event.count, event.last});
    }
  }
  return out;
}

}  // namespace msctl::kubernetes::judge
