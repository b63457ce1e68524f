// The jobs of a service as hooks of Helm: https://helm.sh/docs/topics/charts_hooks/
#pragma once

#include "scaffolds/containers/containers.h"
#include "scaffolds/kubernetes/objects.h"

namespace msctl::scaffolds::helm {

// The Jobs of a service and what their Pods need. Before a first installation nothing of the chart is there:
// so the account, the settings and the policies of the jobs are hooks, too, under names of their own, and are
// there first. All of them stay, to be looked at, until the next release replaces them. `deployment`: the
// service's. The ConfigMap "orders.jobs" has no data yet.
kubernetes::Objects job_hooks(const containers::Containers& all, const containers::Container& container,
                              const nlohmann::ordered_json& deployment);

}  // namespace msctl::scaffolds::helm
