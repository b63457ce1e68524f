// The port `Cluster`, and behind it the API client.
#pragma once

#include <memory>
#include <string>

#include "runtime/kubernetes/api/client.h"
#include "runtime/kubernetes/cluster/cluster.h"

namespace msctl::kubernetes {

class Connection final : public Cluster {
public:
  Connection(api::Client client, std::string space);

  const std::string& space() const override { return space_; }
  using Cluster::list;
  Answer<std::vector<Json>> list(const Watched& what) override;
  Answer<Json> get(const Ref& ref) override;
  Answer<Json> create(const Json& object) override;
  Answer<Json> replace(const Json& object) override;
  Answer<Json> apply(const Json& object, const ApplyOptions& options) override;
  Answer<void> remove(const Ref& ref, const std::string& uid, const std::string& resource_version) override;
  Answer<void> logs(const LogRequest& request, const std::function<bool(std::string_view)>& line) override;
  Answer<std::string> ask_pod(const PodRequest& request) override;
  Answer<void> watch(const std::vector<Watched>& what, const std::function<bool(const WatchEvent&)>& event,
                     const std::function<bool()>& idle) override;

  const api::Client& client() const { return client_; }

private:
  api::Client client_;
  // Ctrl-C does not cut it off: the lock is given back, and how far a release came is written down.
  api::Client steady_;
  std::string space_;
};

}  // namespace msctl::kubernetes
