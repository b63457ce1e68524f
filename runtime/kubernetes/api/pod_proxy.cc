#include <fmt/format.h>

#include "runtime/kubernetes/api/client.h"
#include "runtime/kubernetes/api/session.h"

namespace msctl::kubernetes::api {

// https://kubernetes.io/docs/tasks/access-application-cluster/access-cluster-services/#manually-constructing-apiserver-proxy-urls
Answer<std::string> Client::pod_proxy(const std::string& pod, int port, const std::string& path) const {
  auto where = place({"v1", "Pod"}, {});
  if (!where) return std::unexpected(std::move(where.error()));
  Ask ask;
  ask.target = fmt::format("{}/{}:{}/proxy{}", where->target, http::percent_encoded(pod), port, path);
  ask.accept = "*/*";
  // A Pod that is gone is an answer of its own, not a busy server to be asked again.
  ask.again = Ask::Again::unsent;
  ask.about = {"get", {}, "pods", "proxy", "Pod", pod, where->space};
  return session_->send(ask, limits_);
}

}  // namespace msctl::kubernetes::api
