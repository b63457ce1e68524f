// Manifests: small, read and written whole.
#include <fmt/format.h>

#include "pipelines/image/registry/registry.h"

namespace msctl::image {

base::Result<FetchedManifest> Registry::manifest(const std::string& repository, const std::string& version) {
  const std::string name = fmt::format("{}{}{}", repository, is_digest(version) ? "@" : ":", version);
  Ask request{"GET", fmt::format("{}/manifests/{}", repository, version), repository, {}, {}, {}, {}};
  for (const std::string_view type : {index_type, manifest_type, docker_list_type, docker_manifest_type})
    request.headers.emplace_back("Accept", type);
  std::string bytes;
  request.sink = [&](std::string_view part) {
    bytes += part;
    return bytes.size() <= (std::size_t{4} << 20);
  };
  // A second attempt begins anew.
  auto answer = [&]() -> base::Result<http::Response> {
    for (int left = 2;; --left) {
      bytes.clear();
      request.once = left > 0;
      auto tried = ask(request);
      if (left > 0 && (!tried || tried->status >= 500 || tried->status == 429) && pause(2 - left, {}))
        continue;
      return tried;
    }
  }();
  if (!answer) return std::unexpected(answer.error());
  if (answer->status != 200) return std::unexpected(refusal_of(*answer, name));
  FetchedManifest out;
  out.descriptor = describe({}, bytes);
  if (is_digest(version) && out.descriptor.digest != version)
    return base::fail(base::Code::digestMismatch,
                      fmt::format("{}: {} came with the digest {}", name_, name, out.descriptor.digest));
  const std::string_view type = answer->header("Content-Type");
  out.descriptor.media_type = type.substr(0, type.find(';'));
  if (!is_index(out.descriptor.media_type) && !is_manifest(out.descriptor.media_type))
    return base::fail(base::Code::badManifest,
                      fmt::format("{}: {} is of the type '{}'", name_, name, out.descriptor.media_type));
  out.bytes = std::move(bytes);
  return out;
}

base::Result<std::optional<std::string>> Registry::head_manifest(const std::string& repository,
                                                                 const std::string& version) {
  Ask request{"HEAD", fmt::format("{}/manifests/{}", repository, version), repository, {}, {}, {}, {}};
  for (const std::string_view type : {index_type, manifest_type, docker_list_type, docker_manifest_type})
    request.headers.emplace_back("Accept", type);
  auto answer = ask(request);
  if (!answer) return std::unexpected(answer.error());
  if (answer->status == 404) return std::nullopt;
  if (answer->status != 200) return std::unexpected(refusal_of(*answer, repository));
  return std::string(answer->header("Docker-Content-Digest"));
}

base::Result<bool> Registry::put_manifest(const std::string& repository, const std::string& version,
                                          std::string_view media_type, std::string_view bytes) {
  Ask request{"PUT", fmt::format("{}/manifests/{}", repository, version), repository, {}, {}, {}, {}};
  request.headers.emplace_back("Content-Type", media_type);
  request.body = http::body_of(std::string(bytes));
  auto answer = ask(request);
  if (!answer) return std::unexpected(answer.error());
  if (answer->status / 100 != 2)
    return std::unexpected(refusal_of(*answer, fmt::format("{}:{}", repository, version)));
  const std::string_view digest = answer->header("Docker-Content-Digest");
  if (!digest.empty() && digest != digest_of(bytes))
    return base::fail(base::Code::digestMismatch,
                      fmt::format("{}: {}:{} was taken as {}", name_, repository, version, digest));
  return !answer->header("OCI-Subject").empty();
}

}  // namespace msctl::image
