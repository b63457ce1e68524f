#include "cli/join/image_push.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <csignal>
#include <map>

#include "cli/output/progress.h"
#include "pipelines/image/registry/push.h"

namespace msctl::cli::join {
namespace {

// Layers that the registry has already, in the repositories of the bases.
std::map<std::string, std::string> mounts_of(const image::Layout& layout, const BuiltImage& image,
                                             const std::string& registry) {
  std::map<std::string, std::string> out;
  for (const BuiltImage::Part& part : image.parts) {
    const auto from = part.base == "scratch" ? std::nullopt : image::parse_reference(part.base);
    if (!from || from->registry != registry) continue;
    auto bytes = layout.read(part.manifest.digest);
    if (!bytes) continue;
    auto manifest = image::read_manifest(*bytes, part.base);
    if (!manifest) continue;
    for (const image::Descriptor& layer : manifest->layers) out[layer.digest] = from->repository;
  }
  return out;
}

}  // namespace

base::Result<std::string> registry_prefix(const workspace::Workspace& workspace,
                                          const std::string& environment, bool push) {
  std::vector<const workspace::Environment*> with;
  for (const workspace::Environment& each : workspace.environments)
    if (!each.registry.empty() && (environment.empty() || each.name == environment)) with.push_back(&each);
  if (with.size() == 1) {
    const std::string& registry = with.front()->registry;
    if (image::parse_reference(registry + "/x")) return registry;
    return base::fail(base::Code::badReference, fmt::format("'{}' is not the name of a registry", registry),
                      "registry.example/shop, in small letters");
  }
  if (!push && environment.empty()) return "localhost/" + workspace.name;
  if (with.empty())
    return base::fail(base::Code::noRegistry,
                      environment.empty() ? "no environment in msctl.yaml has a registry"
                                          : fmt::format("the environment '{}' has no registry", environment),
                      "environments: {staging: {registry: registry.example/shop}}");
  std::vector<std::string> names;
  for (const workspace::Environment* each : with) names.push_back(each->name);
  return base::fail(base::Code::noRegistry,
                    fmt::format("several environments have a registry: {}", fmt::join(names, ", ")),
                    fmt::format("msctl build --push -e {}", names.front()));
}

std::expected<void, base::Errors> push_images(Context& context, ImageBuild& build,
                                              std::vector<BuiltImage>& images) {
  context.signals.watch({SIGINT, SIGTERM});
  output::Progress progress(context, build.keep_options().progress);
  for (BuiltImage& image : images) {
    const auto reference = image::parse_reference(image.reference());
    build.registries().set_own(reference->registry);
    image::Registry& registry = build.registries().of(reference->registry);
    image::PushOptions options;
    options.tags = {image.tag};
    options.mounts = mounts_of(build.layout(), image, reference->registry);
    options.progress = [&](const image::PushProgress& so_far) {
      progress.show(fmt::format("{}: {:.1f} of {:.1f} MB", image.service->name,
                                static_cast<double>(so_far.sent) / 1e6,
                                static_cast<double>(so_far.total) / 1e6));
    };
    auto pushed = image::push(registry, reference->repository, build.layout(), image.top, options);
    progress.show({});
    if (!pushed) return std::unexpected(base::Errors{pushed.error()});
    progress.say(image.service->name,
                 pushed->was_there ? fmt::format("is at {} already", image.reference())
                                   : fmt::format("pushed to {}", image.reference()),
                 output::Tone::good);
    image.pushed = *pushed;
  }
  return {};
}

}  // namespace msctl::cli::join
