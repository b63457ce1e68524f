// The replicas of the gateway that run, asked at their administrative ports through the API server: what they
// have in force, and what they have counted.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/kubernetes/cluster/cluster.h"
#include "runtime/kubernetes/deploy/pace.h"

namespace msctl::kubernetes::deploy {

// That page of a gateway's Pod, at its administrative port. Empty: it is not ready, or has no such port.
std::optional<PodRequest> page_of(const Json& pod, const std::string& path);

class Gateways {
public:
  Gateways(Cluster& cluster, std::string workspace, Pace pace)
      : cluster_(cluster), workspace_(std::move(workspace)), pace_(std::move(pace)) {}

  // Whether there are some, and they can be asked. Errors: weightsNotInForce where none is ready, and those
  // of asking: forbidden to whoever may not `get` pods/proxy.
  base::Result<void> check();

  // Until each replica that takes requests serves this configuration. Errors: weightsNotInForce after half a
  // minute, interrupted, lockLost, the cluster's.
  base::Result<void> wait_in_force(const std::string& file);

  // The pages of metrics by Pod, all at about the same moment. One that does not answer is left out; the next
  // round makes up for it. Errors: forbidden, and those of listing.
  base::Result<std::map<std::string, std::string>> metrics();

private:
  base::Result<std::vector<PodRequest>> find(const std::string& path);
  std::vector<Answer<std::string>> ask(const std::vector<PodRequest>& all);

  Cluster& cluster_;
  std::string workspace_;
  Pace pace_;
};

}  // namespace msctl::kubernetes::deploy
