#include "pipelines/image/dockerfile/dockerfile.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace msctl::image {
namespace {

namespace fs = std::filesystem;

base::Result<void> copy(const Layout& from, const Layout& to, const Descriptor& blob) {
  if (to.has(blob)) return {};
  auto file = to.temporary();
  if (!file) return std::unexpected(file.error());
  std::error_code error;
  fs::copy_file(from.blob_path(blob.digest), *file, fs::copy_options::overwrite_existing, error);
  if (error) {
    std::error_code ignored;
    fs::remove(*file, ignored);
    return base::fail(base::Code::imageMissing,
                      fmt::format("{}: {}", from.blob_path(blob.digest), error.message()));
  }
  return to.adopt(*file, blob.digest);
}

}  // namespace

base::Result<std::string> container_tool(const toolchain::FindProgram& find) {
  for (const char* tool : {"buildah", "podman", "docker"})
    if (!find(tool).empty()) return tool;
  return base::fail(base::Code::noContainerTool, "neither buildah nor podman nor docker is on PATH",
                    "apt install buildah");
}

std::vector<toolchain::Argv> dockerfile_steps(const std::string& tool, const DockerfileBuild& build) {
  // Sources in the build get this time, too. To Java a file of the time 0 is one that is not there: Maven,
  // which copies what is newer than its target, would leave it out.
  const std::string time = std::to_string(std::max<std::int64_t>(build.time, 1));
  toolchain::Argv platform, fresh;
  if (build.other_platform) platform = {"--platform", build.platform.text()};
  if (build.fresh) fresh = {"--no-cache"};
  toolchain::Argv out;
  if (tool == "docker") {
    out = {"docker",      "buildx",
           "build",       "--provenance=false",
           "--build-arg", "SOURCE_DATE_EPOCH=" + time,
           "--output",    fmt::format("type=oci,tar=false,rewrite-timestamp=true,dest={}", build.layout)};
  } else {
    out = {tool, "build", "--format", "oci", "--timestamp", time, "--tag", build.name};
    if (!build.fresh) out.push_back("--layers");
  }
  out.insert(out.end(), platform.begin(), platform.end());
  out.insert(out.end(), fresh.begin(), fresh.end());
  out.insert(out.end(), {"--file", build.file, build.folder});
  if (tool == "docker") return {out};
  return {out, {tool, "push", "--quiet", build.name, fmt::format("oci:{}:image", build.layout)}};
}

base::Result<Descriptor> take_over(const Layout& from, const Layout& to, const Platform& platform) {
  auto top = from.only();
  if (!top) return std::unexpected(top.error());
  if (!*top)
    return base::fail(base::Code::imageMissing,
                      fmt::format("{} holds no image after the build", from.folder()));
  Descriptor image = **top;
  image.annotations.clear();
  if (is_index(image.media_type)) {
    auto bytes = from.read(image.digest);
    if (!bytes) return std::unexpected(bytes.error());
    auto index = read_index(*bytes, image.digest);
    if (!index) return std::unexpected(index.error());
    auto found = std::ranges::find_if(index->manifests, [&](const Descriptor& each) {
      return !each.platform ||
             (each.platform->architecture == platform.architecture && each.platform->os == platform.os);
    });
    if (found == index->manifests.end())
      return base::fail(base::Code::badPlatform,
                        fmt::format("the build made nothing for {}", platform.text()));
    image = *found;
  }
  auto bytes = from.read(image.digest);
  if (!bytes) return std::unexpected(bytes.error());
  auto manifest = read_manifest(*bytes, image.digest);
  if (!manifest) return std::unexpected(manifest.error());
  if (auto copied = copy(from, to, manifest->config); !copied) return std::unexpected(copied.error());
  for (const Descriptor& layer : manifest->layers)
    if (auto copied = copy(from, to, layer); !copied) return std::unexpected(copied.error());
  if (auto copied = copy(from, to, image); !copied) return std::unexpected(copied.error());
  image.platform = platform;
  return image;
}

}  // namespace msctl::image
