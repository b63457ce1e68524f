// The objects of one service, and of the gateway, as values: the manifests and the chart are written from
// them.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "scaffolds/containers/containers.h"

namespace msctl::scaffolds::kubernetes {

using Objects = std::vector<nlohmann::ordered_json>;

// The tag of an image that nobody has built yet: `msctl deploy`, or the overlay, says which one it is.
inline constexpr const char* no_tag = "unreleased";

// In readers' order: ServiceAccount, Deployment, Services, HorizontalPodAutoscaler, PodDisruptionBudget,
// NetworkPolicy.
Objects objects_of(const containers::Containers& all, const containers::Container& container);

// The same for the gateway; its configuration is the ConfigMap `gateway`, and stands at /etc/msctl.
Objects gateway_objects(const containers::Containers& all, std::string_view image);

// Two, so that one may fail.
inline constexpr int least_gateways = 2, most_gateways = 10;

// The headless Service of all gateways of a workspace, by which its traffic is added up
// (runtime/kubernetes/external_metrics/names.h has the same).
std::string gateways_name(std::string_view workspace);

// Refuses what no other policy allows.
nlohmann::ordered_json default_deny();

// The name of the ConfigMap with a container's settings.
std::string settings_name(const containers::Container& container);

// {"app.kubernetes.io/name": …}
nlohmann::ordered_json selector(std::string_view name, std::string_view workspace);

}  // namespace msctl::scaffolds::kubernetes
