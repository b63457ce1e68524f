#include "cli/cluster/rendering.h"

#include "cli/join/attachments.h"
#include "runtime/git/repository.h"
#include "scaffolds/kubernetes/deployable.h"

namespace msctl::cli::cluster {
namespace {

using scaffolds::kubernetes::Deployable;

release::Part part_of(Deployable& deployable) {
  release::Part out;
  out.name = deployable.name.empty() ? release::shared_part : deployable.name;
  out.needs = std::move(deployable.needs);
  if (!deployable.name.empty()) out.needs.insert(out.needs.begin(), release::shared_part);
  out.image = std::move(deployable.image);
  for (const auto& object : deployable.objects) out.objects.push_back(nlohmann::json::parse(object.dump()));
  return out;
}

}  // namespace

base::Result<release::Release> render(const RenderInput& input) {
  scaffolds::kubernetes::DeployableInput wanted{&input.workspace, input.space, input.images,
                                                input.gateway_image, input.services};
  auto all = scaffolds::kubernetes::deployables(wanted);
  if (!all) return std::unexpected(all.error());
  release::Release out;
  out.workspace = input.workspace.name;
  out.environment = input.environment;
  out.services = input.services.empty() ? input.workspace.service_names() : input.services;
  out.command = input.command;
  out.revision = revision_of(input.workspace.root);
  for (Deployable& deployable : *all) out.parts.push_back(part_of(deployable));
  return out;
}

std::string revision_of(const std::string& root) {
  auto repository = git::Repository::open(root);
  if (!repository) return {};
  auto commit = repository->commit("HEAD");
  if (!commit) return {};
  constexpr std::size_t digits = 12;
  return commit->substr(0, digits) + (join::clean_commit(root) ? "" : "-dirty");
}

}  // namespace msctl::cli::cluster
