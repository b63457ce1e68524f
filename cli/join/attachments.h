// What goes with images: lists of their parts, where they come from, signatures.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/context.h"
#include "cli/join/images.h"
#include "pipelines/image/attach/sign.h"
#include "runtime/workspace/types.h"

namespace msctl::cli::join {

struct Attachments {
  std::vector<std::string> sbom;  // "spdx", "cyclonedx"
  bool provenance = false;
  std::string commit;  // of the working tree, for the provenance
  std::optional<image::Signer> signer;

  bool any() const { return !sbom.empty() || provenance || signer; }
};

// The commit that the working tree is, to the last byte. Errors: noRepository, dirtyTree.
base::Result<std::string> clean_commit(const std::string& root);

// `file`: a PEM file. Errors: badSigningKey.
base::Result<image::Signer> load_signer(const Context& context, const std::string& file);

// Writes the documents below .msctl/images, and, of images that were pushed, puts them beside them.
std::expected<void, base::Errors> attach(Context& context, ImageBuild& build,
                                         const workspace::Workspace& workspace,
                                         const std::vector<BuiltImage>& images, const Attachments& wanted);

}  // namespace msctl::cli::join
