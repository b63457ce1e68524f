#include "cli/join/kinds.h"

#include <fmt/format.h>

#include "cli/join/pipeline.h"
#include "cli/version.h"
#include "scaffolds/compose/compose.h"
#include "scaffolds/dockerfile/dockerfile.h"
#include "scaffolds/helm/helm.h"
#include "scaffolds/kubernetes/kubernetes.h"

namespace msctl::cli::join {
namespace {

std::string gateway_image() {
  return fmt::format("msctl:{}", version());
}

std::vector<scaffolds::kubernetes::InEnvironment> environments(const GenerateInput& input) {
  std::vector<scaffolds::kubernetes::InEnvironment> out;
  for (const GenerateInput::InEnvironment& each : input.environments)
    out.push_back({each.name, &each.workspace});
  return out;
}

base::Result<generated::Emitted> emit_dockerfile(const GenerateInput& input) {
  return scaffolds::dockerfile::emit(input.workspace);
}

base::Result<generated::Emitted> emit_kubernetes(const GenerateInput& input) {
  return scaffolds::kubernetes::emit(input.workspace, environments(input), gateway_image());
}

base::Result<generated::Emitted> emit_helm(const GenerateInput& input) {
  return scaffolds::helm::emit(input.workspace, environments(input), gateway_image());
}

base::Result<generated::Emitted> emit_compose(const GenerateInput& input) {
  return scaffolds::compose::emit(input.workspace, gateway_image());
}

base::Result<generated::Emitted> emit_pipeline(const GenerateInput& input) {
  return emit_pipelines(input.workspace, input.pins);
}

}  // namespace

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all{
      {"dockerfile", "a Dockerfile in each service's folder, and the gateway's in `deploy/gateway/`",
       emit_dockerfile},
      {"kubernetes", "`deploy/kubernetes/`: a Kustomize base, and an overlay for each environment",
       emit_kubernetes},
      {"helm", "`deploy/helm/WORKSPACE/`: the same as a chart", emit_helm},
      {"compose", "`compose.yaml`, and the gateway's configuration for it in `deploy/compose/`",
       emit_compose},
      {"pipeline", "a pipeline for each system under `pipelines.systems`", emit_pipeline},
  };
  return all;
}

std::vector<std::string> kind_choices() {
  std::vector<std::string> out;
  for (const Kind& kind : kinds()) out.push_back(kind.name);
  out.emplace_back("all");
  return out;
}

}  // namespace msctl::cli::join
