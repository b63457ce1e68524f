// A ConfigMap, followed: a kubelet takes up to two minutes until the files of a volume are as their ConfigMap
// (https://kubernetes.io/docs/concepts/configuration/configmap/#mounted-configmaps-are-updated-automatically);
// who watches it himself has the change at once.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "runtime/kubernetes/cluster/cluster.h"

namespace msctl::kubernetes {

using Files = std::map<std::string, std::string>;  // content by name, as under `data`

// Tells the files once at the beginning, and each time they are others, until `go_on` says no. One that is
// removed is not told: what it had stays. Errors: those of watching.
Answer<void> follow_config_map(Cluster& cluster, const std::string& name,
                               const std::function<void(const Files&)>& changed,
                               const std::function<bool()>& go_on);

}  // namespace msctl::kubernetes
