// deploy/kubernetes: the workspace as Kubernetes objects.
//
//   base/NAME.yaml                        all objects of one service
//   base/gateway.yaml, base/gateway/      the gateway, and its configuration
//   base/network.yaml                     what is refused unless a service's own file allows it
//   base/kustomization.yaml
//   overlays/ENV/kustomization.yaml       where it is deployed, and what is different there
//   deployers/ENV.yaml                    who may deploy there, for whoever administers the cluster
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/generated/file.h"
#include "runtime/workspace/types.h"

namespace msctl::scaffolds::kubernetes {

struct InEnvironment {
  std::string name;
  const workspace::Workspace* workspace = nullptr;  // as that environment sees it
};

// `gateway_image`: "msctl:0.1.0". Errors: noImage.
base::Result<generated::Emitted> emit(const workspace::Workspace& workspace,
                                      const std::vector<InEnvironment>& environments,
                                      std::string_view gateway_image);

}  // namespace msctl::scaffolds::kubernetes
