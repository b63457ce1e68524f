#include "cli/cluster/images.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ranges>

#include "cli/cluster/environment.h"
#include "cli/cluster/self_image.h"
#include "cli/join/image_push.h"
#include "cli/join/images.h"
#include "pipelines/image/oci/reference.h"
#include "runtime/base/file.h"

namespace msctl::cli::cluster {
namespace {

using References = std::map<std::string, std::string>;

base::Errors one(base::Error error) {
  return {std::move(error)};
}

// "registry.example/shop/orders:1.2" and a digest, without the tag: the digest alone says which one it is.
base::Result<std::string> pinned(const std::string& text, const std::string& digest,
                                 const std::string& where) {
  const auto reference = image::parse_reference(text);
  if (!reference || !image::is_digest(digest))
    return base::fail(base::Code::badImagesFile,
                      fmt::format("{}: '{}' with the digest '{}' is no image", where, text, digest));
  return fmt::format("{}@{}", reference->name(), digest);
}

base::Result<References> from_file(const std::string& file, const std::vector<std::string>& services) {
  auto text = base::read_file(file);
  if (!text) return base::fail(base::Code::badImagesFile, text.error().message);
  const nlohmann::json document = nlohmann::json::parse(*text, nullptr, false);
  if (!document.is_object() || !document.contains("images") || !document["images"].is_array())
    return base::fail(base::Code::badImagesFile, fmt::format("{} has no list 'images'", file),
                      "msctl build --push --file-output FILE writes one");
  References out;
  for (const nlohmann::json& each : document["images"]) {
    if (!each.is_object()) continue;
    auto reference = pinned(each.value("reference", ""), each.value("digest", ""), file);
    if (!reference) return std::unexpected(reference.error());
    out[each.value("service", "")] = *std::move(reference);
  }
  for (const std::string& service : services)
    if (!out.contains(service))
      return base::fail(
          base::Code::badImagesFile, fmt::format("{} has no image of {}", file, service),
          fmt::format("msctl deploy {} deploys what is in it", fmt::join(out | std::views::keys, " ")));
  return out;
}

std::expected<References, base::Errors> built(Context& context, join::ImageBuild& build,
                                              const ImageRequest& request) {
  if (request.services.empty()) return References{};
  auto images = build.build(request.services);
  if (!images) return std::unexpected(std::move(images.error()));
  if (request.push)
    if (auto pushed = join::push_images(context, build, *images); !pushed)
      return std::unexpected(std::move(pushed.error()));
  References out;
  for (const join::BuiltImage& each : *images)
    out[each.service->name] = fmt::format("{}@{}", each.repository, each.top.digest);
  return out;
}

// All that are missing are told at once.
std::expected<References, base::Errors> tagged(join::Registries& registries, const std::string& prefix,
                                               const ImageRequest& request) {
  References out;
  base::Errors errors;
  for (const std::string& service : request.services) {
    const std::string text = fmt::format("{}/{}:{}", prefix, service, request.tag);
    const auto reference = image::parse_reference(text);
    if (!reference)
      return std::unexpected(
          one(base::fail(base::Code::badReference, fmt::format("'{}' is not the name of an image", text))
                  .error()));
    registries.set_own(reference->registry);
    auto digest = registries.of(reference->registry).head_manifest(reference->repository, reference->tag);
    if (!digest) return std::unexpected(one(digest.error()));
    if (*digest)
      out[service] = fmt::format("{}@{}", reference->name(), **digest);
    else
      errors.push_back(base::fail(base::Code::imageMissing, fmt::format("there is no {}", text),
                                  fmt::format("msctl build {} --push --tag {} -e {}", service, request.tag,
                                              request.environment))
                           .error());
  }
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return out;
}

std::expected<References, base::Errors> references_of(Context& context, join::ImageBuild& build,
                                                      const std::string& prefix,
                                                      const ImageRequest& request) {
  if (!request.tag.empty()) return tagged(build.registries(), prefix, request);
  if (request.file.empty()) return built(context, build, request);
  auto out = from_file(request.file, request.services);
  if (!out) return std::unexpected(one(out.error()));
  return *std::move(out);
}

}  // namespace

std::expected<Images, base::Errors> images_for(Context& context, const workspace::Workspace& workspace,
                                               const ImageRequest& request) {
  join::ImageOptions options;
  options.environment = request.environment;
  options.push = true;
  options.keep.progress = request.progress;
  options.keep.verbose = request.verbose;
  join::ImageBuild build(context, workspace, options);
  // A file of images needs none.
  const auto registry = join::registry_prefix(workspace, request.environment, true);
  if (!registry && request.file.empty()) return std::unexpected(one(registry.error()));
  Images out;
  auto references = references_of(context, build, registry.value_or(""), request);
  if (!references) return std::unexpected(std::move(references.error()));
  out.services = *std::move(references);
  // A pipeline may have put msctl's own image elsewhere.
  if (const auto given = out.services.find("gateway");
      given != out.services.end() && workspace.find("gateway") == nullptr) {
    out.gateway = given->second;
    return out;
  }
  if (!registry) return std::unexpected(one(registry.error()));
  auto gateway = self_image(context, build.layout(), *registry + "/msctl");
  if (!gateway) return std::unexpected(one(gateway.error()));
  if (request.push)
    if (auto pushed = push_self_image(build.registries(), build.layout(), *gateway); !pushed)
      return std::unexpected(one(pushed.error()));
  out.gateway = gateway->pinned();
  return out;
}

}  // namespace msctl::cli::cluster
