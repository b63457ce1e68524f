// build: images of services, here and in a registry.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/flags.h"
#include "cli/join/affected.h"
#include "cli/join/attachments.h"
#include "cli/join/image_push.h"
#include "cli/join/images.h"
#include "cli/output/document.h"
#include "cli/output/table.h"

namespace msctl::cli::commands {
namespace {

struct Options {
  std::vector<std::string> services;
  std::optional<std::string> affected;
  join::ImageOptions image;
  join::Attachments attachments;
  std::string file;  // absolute; empty: none
};

std::expected<Options, base::Errors> parse(const Context& context, const Arguments& arguments) {
  Options out;
  out.services = arguments.words("SERVICE");
  out.affected = arguments.maybe("affected");
  out.image = {.environment = arguments.text("env"),
               .push = arguments.on("push"),
               .tag = arguments.text("tag"),
               .keep = join::keep_options(arguments)};
  const std::string road = arguments.text("road");
  if (road != "auto") out.image.road = road == "direct" ? join::Road::direct : join::Road::dockerfile;
  for (const std::string& text : arguments.list("platform")) {
    auto platform = image::parse_platform(text);
    if (!platform)
      return fail(base::fail(base::Code::badPlatform, fmt::format("'{}' is no platform", text),
                             "--platform linux/amd64,linux/arm64")
                      .error());
    out.image.platforms.push_back(*std::move(platform));
  }
  if (!out.image.tag.empty() && !image::is_tag(out.image.tag))
    return fail(
        base::fail(base::Code::badReference, fmt::format("'{}' cannot be a tag", out.image.tag)).error());
  out.attachments.sbom = arguments.list("sbom");
  out.attachments.provenance = arguments.on("provenance");
  out.image.parts_told = !out.attachments.sbom.empty();
  if (arguments.given("sign")) {
    if (!out.image.push)
      return fail(
          base::fail(base::Code::usage, "--sign signs what is pushed", "msctl build --push --sign FILE")
              .error());
    auto signer = join::load_signer(context, context.path(arguments.text("sign")));
    if (!signer) return fail(signer.error());
    out.attachments.signer = *std::move(signer);
  }
  if (arguments.given("file-output")) out.file = context.path(arguments.text("file-output"));
  return out;
}

nlohmann::ordered_json to_json(const std::vector<join::BuiltImage>& images) {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  for (const join::BuiltImage& each : images)
    out.push_back({{"service", each.service->name},
                   {"reference", each.reference()},
                   {"digest", each.top.digest},
                   {"inputs", each.inputs}});
  return out;
}

base::Exit report(Context& context, const std::vector<join::BuiltImage>& images) {
  output::print(context, {{"images", to_json(images)}}, [&](std::ostream& out) {
    output::Table table({"SERVICE", "RESULT", "IMAGE", "DIGEST"});
    for (const join::BuiltImage& each : images) {
      std::string result = each.kept ? "kept" : "built";
      if (each.pushed) result += each.pushed->was_there ? ", there already" : ", pushed";
      table.add({each.service->name, result, each.reference(), each.top.digest.substr(0, 19)});
    }
    table.write(out, context.settings.colour_out);
  });
  return base::Exit::ok;
}

Outcome build(Context& context, Options& options) {
  auto selected = join::select(context, options.services, options.affected, false,
                               options.image.environment.empty() ? "local" : options.image.environment);
  if (!selected) return std::unexpected(std::move(selected.error()));
  std::vector<join::BuiltImage> images;
  if (options.attachments.provenance) {
    auto commit = join::clean_commit(selected->workspace.root);
    if (!commit) return fail(commit.error());
    options.attachments.commit = *std::move(commit);
  }
  if (!selected->none) {
    join::ImageBuild run(context, selected->workspace, options.image);
    auto built = run.build(selected->services);
    if (!built) return std::unexpected(std::move(built.error()));
    images = *std::move(built);
    if (options.image.push)
      if (auto pushed = join::push_images(context, run, images); !pushed)
        return std::unexpected(std::move(pushed.error()));
    if (options.attachments.any())
      if (auto attached = join::attach(context, run, selected->workspace, images, options.attachments);
          !attached)
        return std::unexpected(std::move(attached.error()));
  }
  join::sweep_images(selected->workspace);
  if (!options.file.empty()) {
    nlohmann::ordered_json document{{"schema", 1}, {"ok", true}, {"images", to_json(images)}};
    system::RealFiles files;
    if (auto written = files.replace(options.file, document.dump(2) + "\n"); !written)
      return fail(written.error());
  }
  if (selected->none) {
    output::print(context, {{"images", to_json(images)}},
                  [&](std::ostream& out) { out << *selected->none << '\n'; });
    return base::Exit::ok;
  }
  return report(context, images);
}

Outcome run(Context& context, const Arguments& arguments) {
  auto options = parse(context, arguments);
  if (!options) return std::unexpected(std::move(options.error()));
  return build(context, *options);
}

}  // namespace

Command describe_build() {
  return {
      .path = "build",
      .section = Section::generate,
      .summary = "build images of services, and push them",
      .description =
          "Builds an image of each service, in `.msctl/images`, an OCI layout that skopeo and crane "
          "read. The *direct* road needs neither a daemon nor root nor a container tool: the service is "
          "built "
          "by its language's own tools, and what it needs to run becomes two layers, its dependencies and "
          "the "
          "service itself, on a base. The same sources make the same digest, whoever builds them, where and "
          "when. The *dockerfile* road hands `services/NAME/Dockerfile` to buildah, podman or docker; it is "
          "taken by itself where a service has commands of its own and a Dockerfile.\n\n"
          "An image whose inputs have not changed is not built again: the service's files and those it uses, "
          "the steps, the tools, the base. `--explain` says why each is built, or not. Where results are "
          "shared (`pipelines.cache.url` in msctl.yaml), images are, too.\n\n"
          "`--push` sends it to the registry of the environment, `environments.ENV.registry` in msctl.yaml, "
          "with what `docker login` or `podman login` has left, or with MSCTL_REGISTRY_USER and "
          "MSCTL_REGISTRY_PASSWORD. What is there is not sent again, and the tag is set last.",
      .arguments = {services_argument("services to build; all of them without")},
      .flags = join::with_keep_flags(
          {join::affected_flag(),
           {.name = "push", .doc = "push to the registry of the environment"},
           {.name = "env",
            .letter = 'e',
            .value = "ENV",
            .doc = "the environment whose registry it is; not needed where only one has a registry",
            .everywhere = true},
           {.name = "platform",
            .value = "OS/ARCH",
            .doc = "platforms to build for; with several, an index of them (default: this machine's)",
            .many = true,
            .commas = true},
           {.name = "tag", .value = "TAG", .doc = "the tag (default: the beginning of the digest)"},
           {.name = "road",
            .value = "ROAD",
            .kind = Kind::choice,
            .doc = "how images are built",
            .fallback = "auto",
            .choices = {"auto", "direct", "dockerfile"}},
           {.name = "sbom",
            .value = "FORMAT",
            .kind = Kind::choice,
            .doc =
                "list what is in each image, from its lock file; with --push also beside it in the registry",
            .choices = {"spdx", "cyclonedx"},
            .many = true,
            .commas = true},
           {.name = "provenance",
            .doc = "say from which commit and how each image was built (SLSA); needs a clean working tree"},
           {.name = "sign",
            .value = "KEY",
            .kind = Kind::file,
            .doc = "sign what is pushed, and its provenance, with this key (PEM), as cosign verifies it"},
           {.name = "file-output",
            .value = "FILE",
            .kind = Kind::file,
            .doc = "write the images as JSON, for `msctl deploy --images`"}},
          "build", "built"),
      .examples = {{"msctl build", "images of all services, on this machine"},
                   {"msctl build orders --explain", "one, and why it is built"},
                   {"msctl build --affected --push -e staging",
                    "what this branch has changed, to staging's registry"},
                   {"msctl build --push --platform linux/amd64,linux/arm64", "for both kinds of machines"},
                   {"msctl build --push --sbom spdx --provenance --sign cosign.key",
                    "with all that is told of an image"}},
      .exits = {{base::Exit::failed, "a build failed, or the registry refused"},
                {base::Exit::config, "the workspace has errors, or a lock file is missing"},
                {base::Exit::unavailable, "a toolchain, a container tool or the registry is not there"},
                {base::Exit::interrupted, "interrupted; nothing is under a tag that is not whole"}},
      .run = run};
}

}  // namespace msctl::cli::commands
