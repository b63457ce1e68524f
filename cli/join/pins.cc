#include "cli/join/pins.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/join/pipeline.h"
#include "cli/join/registries.h"
#include "pipelines/image/oci/reference.h"
#include "pipelines/model/refresh.h"
#include "runtime/generated/below.h"
#include "runtime/git/fetch.h"

namespace msctl::cli::join {
namespace {

using pipeline::Pin;
using pipeline::Pins;

// The pins whose digests stand in the files, and the image of the workspace's own, which may have none yet.
base::Result<Pins> in_use(const workspace::Workspace& workspace, const Pins& own) {
  auto emitted = emit_pipelines(workspace, own);
  if (!emitted) return std::unexpected(std::move(emitted.error()));
  Pins out;
  for (const Pin& pin : pipeline::with(pipeline::shipped_pins(), own))
    if (std::ranges::any_of(emitted->files, [&](const generated::File& file) {
          return file.content.find(pin.digest) != std::string::npos;
        }))
      out.push_back(pin);
  const auto [name, version] = pipeline::split_image(workspace.pipelines.image);
  const bool in_containers = std::ranges::any_of(
      workspace.pipelines.systems, [](const std::string& system) { return system != "github"; });
  if (!name.empty() && in_containers && pipeline::find_pin(out, name) == nullptr)
    out.push_back({name, version, {}});
  return out;
}

base::Error failed(const Pin& pin, const base::Error& why) {
  base::Error out = base::fail(base::Code::pinSource,
                               fmt::format("{} {}: {}", pin.name, pin.version, why.message), why.suggestion)
                        .error();
  out.notes = why.notes;
  return out;
}

base::Result<Pin> refresh_action(const Context& context, const Pin& pin, bool any_major) {
  auto found = git::tags(pipeline::repository_of(pin), [&] { return context.signals.interrupted(); });
  if (!found) return std::unexpected(std::move(found.error()));
  std::vector<pipeline::Tag> tags;
  for (git::Tag& tag : *found) tags.push_back({std::move(tag.name), std::move(tag.commit)});
  return pipeline::newest_release(pin, tags, any_major);
}

base::Result<Pin> refresh_image(Registries& registries, const Pin& pin) {
  const auto reference = image::parse_reference(fmt::format("{}:{}", pin.name, pin.version));
  if (!reference)
    return base::fail(base::Code::badReference,
                      fmt::format("'{}:{}' is no name of an image", pin.name, pin.version));
  image::Registry& registry = registries.of(reference->registry);
  // Asking for the head alone is not counted by registries that count.
  auto head = registry.head_manifest(reference->repository, reference->tag);
  if (!head) return std::unexpected(std::move(head.error()));
  if (*head && !(*head)->empty()) return Pin{pin.name, pin.version, **head};
  auto manifest = registry.manifest(reference->repository, reference->tag);
  if (!manifest) return std::unexpected(std::move(manifest.error()));
  return Pin{pin.name, pin.version, manifest->descriptor.digest};
}

}  // namespace

base::Result<Pins> read_pins(const std::string& root) {
  auto text = generated::Below(root).read(pipeline::pins_name);
  if (!text) return std::unexpected(std::move(text.error()));
  return pipeline::parse_pins(text->value_or(""));
}

base::Result<RefreshedPins> refresh_pins(Context& context, const workspace::Workspace& workspace,
                                         bool any_major) {
  auto own = read_pins(workspace.root);
  if (!own) return std::unexpected(std::move(own.error()));
  auto used = in_use(workspace, *own);
  if (!used) return std::unexpected(std::move(used.error()));
  Registries registries(context);
  RefreshedPins out{*own, {}};
  for (const Pin& pin : *used) {
    const bool image = pin.is_image() || pin.digest.empty();
    auto fresh = image ? refresh_image(registries, pin) : refresh_action(context, pin, any_major);
    if (context.signals.interrupted())
      return base::fail(base::Code::interrupted, "interrupted; nothing was changed");
    if (!fresh) {
      out.errors.push_back(fresh.error().code == base::Code::pinSource ? std::move(fresh.error())
                                                                       : failed(pin, fresh.error()));
      continue;
    }
    // Also what is as this msctl brings it: another one may bring something else.
    out.pins = pipeline::with(out.pins, {*fresh});
  }
  return out;
}

}  // namespace msctl::cli::join
