// The answers are those of the kubelet's prober: k8s.io/kubernetes, pkg/probe/{http,tcp,exec,grpc}.
#include "runtime/explain/rules/probes.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/units.h"

namespace msctl::explain::rules {

const Probe* probe_of(const Replica& replica, ProbeKind kind) {
  auto found = std::ranges::find(replica.probes, kind, &Probe::kind);
  return found == replica.probes.end() ? nullptr : &*found;
}

const ProbeFailure* failure_of(const Replica& replica, ProbeKind kind) {
  const ProbeFailure* found = nullptr;
  for (const ProbeFailure& failure : replica.probe_failures)
    if (failure.kind == kind && (found == nullptr || found->last <= failure.last)) found = &failure;
  return found;
}

std::string answer(const Replica& replica, const ProbeFailure& failure) {
  const Probe* probe = probe_of(replica, failure.kind);
  const std::string question =
      probe != nullptr ? probe->question : fmt::format("the {} probe", to_string(failure.kind));
  const std::string_view words = failure.answer;
  if (auto status = between(words, "statuscode: ", ""); !status.empty())
    return fmt::format("{} answers {}", question, status.substr(0, status.find_first_not_of("0123456789")));
  if (has(words, "connection refused")) return fmt::format("{}: nothing listens there", question);
  if (has_any(words, {"deadline exceeded", "timed out", "i/o timeout"}))
    return probe != nullptr && probe->timeout > base::Duration{}
               ? fmt::format("{} does not answer within {}", question, base::to_string(probe->timeout))
               : fmt::format("{} does not answer in time", question);
  if (has(words, "connection reset")) return fmt::format("{}: the connection is cut", question);
  if (has(words, "malformed HTTP response"))
    return fmt::format("{}: what listens there does not speak HTTP", question);
  return fmt::format("{}: {}", question, words);
}

}  // namespace msctl::explain::rules
