#include "runtime/kubernetes/external_metrics/ownership.h"

#include "runtime/base/base64.h"
#include "runtime/kubernetes/external_metrics/names.h"

namespace msctl::kubernetes::external_metrics {
namespace {

std::string text_at(const Json& object, const char* pointer) {
  const Json::json_pointer where(pointer);
  return object.contains(where) && object.at(where).is_string() ? object.at(where).get<std::string>()
                                                                : std::string{};
}

// Available=False, for long enough.
bool is_gone(const Json& api_service, base::WallTime now) {
  const Json::json_pointer conditions("/status/conditions");
  if (!api_service.contains(conditions) || !api_service.at(conditions).is_array()) return false;
  for (const Json& each : api_service.at(conditions)) {
    if (text_at(each, "/type") != "Available") continue;
    if (text_at(each, "/status") != "False") return false;
    const auto since = base::parse_rfc3339(text_at(each, "/lastTransitionTime"));
    return since && now - *since >= patience_with_others;
  }
  return false;
}

}  // namespace

Verdict verdict(const Json& api_service, const Mine& mine, base::WallTime now) {
  if (label(api_service, names::managed_by) != names::manager) return Verdict::foreign;
  const std::string service = text_at(api_service, "/spec/service/name");
  if (service.empty()) return Verdict::mine;
  if (service != mine.service || text_at(api_service, "/spec/service/namespace") != mine.space)
    return is_gone(api_service, now) ? Verdict::mine : Verdict::others;
  return text_at(api_service, "/spec/caBundle") == base::to_base64(mine.authorities) ? Verdict::current
                                                                                     : Verdict::mine;
}

Json claim(const Json& api_service, const Mine& mine) {
  return {
      {"apiVersion", "apiregistration.k8s.io/v1"},
      {"kind", "APIService"},
      {"metadata", {{"name", external_metrics::api_service}, {"resourceVersion", version_of(api_service)}}},
      {"spec",
       {{"service", {{"name", mine.service}, {"namespace", mine.space}, {"port", 443}}},
        {"caBundle", base::to_base64(mine.authorities)}}}};
}

}  // namespace msctl::kubernetes::external_metrics
