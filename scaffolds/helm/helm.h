// deploy/helm/WORKSPACE: the objects of deploy/kubernetes as a chart, with what differs between installations
// taken out into values.yaml: images, replicas, resources, settings.
#pragma once

#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/generated/file.h"
#include "scaffolds/kubernetes/kubernetes.h"

namespace msctl::scaffolds::helm {

// `version`: of msctl, which the gateway's image is named after. Errors: noImage.
base::Result<generated::Emitted> emit(const workspace::Workspace& workspace,
                                      const std::vector<kubernetes::InEnvironment>& environments,
                                      std::string_view gateway_image);

}  // namespace msctl::scaffolds::helm
