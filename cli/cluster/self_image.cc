#include "cli/cluster/self_image.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>

#include "cli/version.h"
#include "pipelines/image/direct/assemble.h"
#include "pipelines/image/registry/push.h"

namespace msctl::cli::cluster {
namespace {

namespace fs = std::filesystem;

// Where OpenSSL, as Debian builds it, looks for them; in other distributions they stand elsewhere.
constexpr std::array<const char*, 3> authorities{"/etc/ssl/certs/ca-certificates.crt",
                                                 "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"};

base::Result<image::Content> content(const std::string& program) {
  workspace::Recipe recipe;
  recipe.application = {{.from = program, .to = "msctl", .except = {}}};
  recipe.programs = {program};
  auto out = image::collect(recipe, {}, "/", true);
  if (!out) return out;
  for (const char* file : authorities) {
    std::error_code error;
    const std::string real = fs::canonical(file, error).string();
    if (error) continue;
    if (auto added = out->dependencies.add(real, std::string(authorities[0]).substr(1), {}); !added)
      return std::unexpected(added.error());
    break;
  }
  return out;
}

base::Result<image::Descriptor> build(Context& context, const image::Layout& layout) {
  auto what = content(context.program);
  if (!what) return std::unexpected(what.error());
  image::Settings settings;
  settings.service = "msctl";
  settings.platform = image::host_platform();
  settings.run = {"/app/msctl"};
  settings.pack.interrupted = [&] { return context.signals.interrupted(); };
  return image::assemble(layout, image::Base{}, *what, settings);
}

}  // namespace

std::string SelfImage::pinned() const {
  return fmt::format("{}@{}", repository.name(), manifest.digest);
}

base::Result<SelfImage> self_image(Context& context, const image::Layout& layout,
                                   const std::string& repository) {
  auto reference = image::parse_reference(repository);
  if (!reference)
    return base::fail(base::Code::badReference, fmt::format("'{}' is not the name of an image", repository));
  auto built = build(context, layout);
  if (!built) return std::unexpected(built.error());
  built->platform.reset();
  return SelfImage{*std::move(reference), *std::move(built)};
}

base::Result<void> push_self_image(join::Registries& registries, const image::Layout& layout,
                                   const SelfImage& self) {
  image::PushOptions options;
  options.tags = {std::string(version())};
  registries.set_own(self.repository.registry);
  auto pushed = image::push(registries.of(self.repository.registry), self.repository.repository, layout,
                            self.manifest, options);
  if (!pushed) return std::unexpected(pushed.error());
  return {};
}

}  // namespace msctl::cli::cluster
