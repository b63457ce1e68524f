#include "runtime/kubernetes/external_metrics/front_proxy.h"

namespace msctl::kubernetes::external_metrics {
namespace {

std::unexpected<base::Error> missing(const std::string& what) {
  return base::fail(base::Code::metricsUnserved,
                    "ConfigMap kube-system/extension-apiserver-authentication " + what,
                    "an API server with --requestheader-client-ca-file");
}

}  // namespace

base::Result<FrontProxy> front_proxy_of(const Json& config_map) {
  const auto data = config_map.find("data");
  if (data == config_map.end() || !data->is_object()) return missing("is empty");
  FrontProxy out;
  const auto authorities = data->find("requestheader-client-ca-file");
  if (authorities == data->end() || !authorities->is_string() || authorities->get<std::string>().empty())
    return missing("names no authority of the front proxy");
  out.authorities = authorities->get<std::string>();
  const auto names = data->find("requestheader-allowed-names");
  if (names == data->end()) return out;
  const Json list = names->is_string() ? Json::parse(names->get<std::string>(), nullptr, false)
                                       : Json(Json::value_t::discarded);
  // Read wrongly it would let everybody in whom that authority has signed.
  if (!list.is_array()) return missing("has requestheader-allowed-names that are no list");
  for (const Json& each : list) {
    if (!each.is_string()) return missing("has requestheader-allowed-names that are no list of names");
    out.names.push_back(each.get<std::string>());
  }
  return out;
}

}  // namespace msctl::kubernetes::external_metrics
