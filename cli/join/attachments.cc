#include "cli/join/attachments.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/version.h"
#include "pipelines/image/attach/provenance.h"
#include "pipelines/image/attach/referrer.h"
#include "pipelines/image/sbom/documents.h"
#include "runtime/base/file.h"
#include "runtime/git/changes.h"

namespace msctl::cli::join {
namespace {

// Who runs msctl, as the CI systems tell it.
struct Surroundings {
  std::string builder = "https://msctl.dev/builders/person";
  std::string repository;
};

Surroundings surroundings(const Context& context) {
  Surroundings out;
  const auto value = [&](const char* name) { return context.variable(name).value_or(""); };
  if (const std::string server = value("GITHUB_SERVER_URL");
      !server.empty() && !value("GITHUB_RUN_ID").empty()) {
    out.repository = fmt::format("{}/{}", server, value("GITHUB_REPOSITORY"));
    out.builder = fmt::format("{}/actions/runs/{}", out.repository, value("GITHUB_RUN_ID"));
  } else if (const std::string project = value("CI_PROJECT_URL"); !project.empty()) {
    out.repository = project;
    out.builder = value("CI_JOB_URL").empty() ? project : value("CI_JOB_URL");
  }
  return out;
}

class Attaching {
public:
  Attaching(ImageBuild& build, const workspace::Workspace& workspace, const BuiltImage& image,
            const Attachments& wanted, const Surroundings& where)
      : build_(build), workspace_(workspace), image_(image), wanted_(wanted), where_(where) {}

  base::Result<void> run() {
    for (const BuiltImage::Part& part : image_.parts)
      if (auto told = tell_parts(part); !told) return told;
    std::string statement;
    if (wanted_.provenance) {
      statement = provenance();
      if (auto written = write("provenance.json", statement); !written) return written;
      if (auto put = put_beside(image_.top, image::statement_type, statement,
                                {{"predicateType", std::string(image::provenance_type)}});
          !put)
        return put;
    }
    if (image_.pushed && wanted_.signer) return sign(statement);
    return {};
  }

private:
  image::Reference reference() const { return *image::parse_reference(image_.reference()); }
  image::Registry& registry() { return build_.registries().of(reference().registry); }

  base::Result<void> write(const std::string& ending, const std::string& text) {
    system::RealFiles files;
    return files.replace(
        fmt::format("{}/attached/{}.{}", build_.layout().folder(), image_.service->name, ending), text);
  }

  base::Result<void> put_beside(const image::Descriptor& subject, std::string_view type,
                                const std::string& content, const image::Annotations& annotations) {
    if (!image_.pushed) return {};
    auto put = image::attach(registry(), reference().repository, build_.layout(), subject, type, content,
                             annotations);
    if (!put) return std::unexpected(put.error());
    return {};
  }

  base::Result<void> tell_parts(const BuiltImage::Part& part) {
    if (wanted_.sbom.empty()) return {};
    auto packages = image::packages_of(part.place);
    if (!packages) return std::unexpected(packages.error());
    const image::Subject subject{image_.service->name, image_.repository, part.manifest.digest,
                                 std::string(version()), build_.time()};
    const std::string which = image_.parts.size() > 1 ? part.place.arch + "." : std::string{};
    for (const std::string& format : wanted_.sbom) {
      const bool is_spdx = format == "spdx";
      const std::string text =
          is_spdx ? image::spdx(subject, *packages) : image::cyclonedx(subject, *packages);
      if (auto written = write(which + (is_spdx ? "spdx.json" : "cdx.json"), text); !written) return written;
      if (auto put = put_beside(part.manifest, is_spdx ? image::spdx_type : image::cyclonedx_type, text, {});
          !put)
        return put;
    }
    return {};
  }

  std::string provenance() const {
    image::Provenance out{.name = image_.repository,
                          .digest = image_.top.digest,
                          .service = image_.service->name,
                          .workspace = workspace_.name,
                          .road = image_.direct ? "direct" : "dockerfile",
                          .repository = where_.repository,
                          .commit = wanted_.commit,
                          .inputs = image_.inputs,
                          .builder = where_.builder,
                          .version = std::string(version()),
                          .bases = {}};
    for (const BuiltImage::Part& part : image_.parts)
      if (!part.base_digest.empty()) out.bases.emplace_back(part.base, part.base_digest);
    return image::statement(out);
  }

  base::Result<void> sign(const std::string& statement) {
    const image::Signer& signer = *wanted_.signer;
    const std::string payload = image::signature_payload(image_.repository, image_.top.digest);
    auto signature = signer.sign(payload);
    if (!signature) return std::unexpected(signature.error());
    if (auto put = image::put_tagged(registry(), reference().repository, build_.layout(),
                                     image::tag_for(image_.top.digest, ".sig"), image::payload_type, payload,
                                     {{std::string(image::signature_annotation), *signature}});
        !put)
      return put;
    if (statement.empty()) return {};
    auto sealed = image::envelope(signer, statement);
    if (!sealed) return std::unexpected(sealed.error());
    return image::put_tagged(registry(), reference().repository, build_.layout(),
                             image::tag_for(image_.top.digest, ".att"), image::envelope_type, *sealed,
                             {{std::string(image::signature_annotation), ""},
                              {"predicateType", std::string(image::provenance_type)}});
  }

  ImageBuild& build_;
  const workspace::Workspace& workspace_;
  const BuiltImage& image_;
  const Attachments& wanted_;
  const Surroundings& where_;
};

}  // namespace

base::Result<std::string> clean_commit(const std::string& root) {
  auto repository = git::Repository::open(root);
  if (!repository) return std::unexpected(repository.error());
  auto commit = repository->commit("HEAD");
  if (!commit) return commit;
  auto changed = git::changes(*repository, *commit, {});
  if (!changed) return std::unexpected(changed.error());
  const std::string own = repository->prefix_of(root) + ".msctl";
  std::erase_if(*changed, [&](const git::Change& each) { return each.path.starts_with(own); });
  if (!changed->empty())
    return base::fail(
        base::Code::dirtyTree,
        fmt::format("{} is not as {:.12} has it{}", changed->front().path, *commit,
                    changed->size() > 1 ? fmt::format(", and {} more", changed->size() - 1) : ""),
        "commit, or leave out --provenance");
  return commit;
}

base::Result<image::Signer> load_signer(const Context& context, const std::string& file) {
  auto pem = base::read_file(file);
  if (!pem) return base::fail(base::Code::badSigningKey, pem.error().message);
  return image::Signer::load(*pem, file, context.variable("MSCTL_SIGNING_PASSWORD").value_or(""));
}

std::expected<void, base::Errors> attach(Context& context, ImageBuild& build,
                                         const workspace::Workspace& workspace,
                                         const std::vector<BuiltImage>& images, const Attachments& wanted) {
  const Surroundings where = surroundings(context);
  for (const BuiltImage& image : images)
    if (auto done = Attaching(build, workspace, image, wanted, where).run(); !done)
      return std::unexpected(base::Errors{done.error()});
  return {};
}

}  // namespace msctl::cli::join
