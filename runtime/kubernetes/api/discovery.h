// Which resource a kind is: known at once for what Kubernetes itself has, asked of the server for the rest,
// and kept as long as the process runs. The aggregated form (one request for all) where the server has it.
// https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "runtime/kubernetes/api/session.h"

namespace msctl::kubernetes::api {

// Kinds that every Kubernetes has in this form and will: their API versions are stable.
const Resource* well_known(const Kind& kind);

class Discovery {
public:
  // Errors: apiNotServed, with what is near.
  Answer<Resource> resource(const Kind& kind, Session& session, const Limits& limits);

  // The same, without believing what is known: the server has answered that it does not know it.
  Answer<Resource> ask(const Kind& kind, Session& session, const Limits& limits);

  // {"apps/v1 Deployment", …}, from the aggregated form of /api or /apis; what is none gives nothing.
  static std::vector<Resource> read_aggregated(const Json& document);
  // From /apis/GROUP/VERSION or /api/v1.
  static std::vector<Resource> read_list(const Json& document);

private:
  Answer<bool> load_all(Session& session, const Limits& limits);
  Answer<void> load_version(const std::string& api_version, Session& session, const Limits& limits);
  Failure not_served(const Kind& kind) const;
  void add(std::vector<Resource> resources);

  std::mutex mutex_;
  std::map<Kind, Resource> known_;
  std::set<std::string> loaded_;  // API versions
  std::set<std::string> groups_;  // "apps/v1", of the old form: what is served without being loaded
  bool all_ = false;
};

std::string group_of(const std::string& api_version);
std::string version_of(const std::string& api_version);
std::string api_version_of(const Resource& resource);
// "/apis/apps/v1", "/api/v1".
std::string base_path(const std::string& api_version);

}  // namespace msctl::kubernetes::api
