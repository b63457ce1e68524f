// `msctl build`: from services to images in .msctl/images.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/join/image_bases.h"
#include "cli/join/image_plan.h"
#include "cli/join/keeping.h"
#include "cli/join/registries.h"
#include "pipelines/image/layout/layout.h"
#include "pipelines/image/registry/push.h"
#include "runtime/workspace/types.h"

namespace msctl::cli::join {

struct ImageOptions {
  std::string environment{};                 // whose registry it is; empty: the only one that has one
  std::vector<image::Platform> platforms{};  // none: this machine's
  Road road = Road::automatic;
  bool push = false;
  std::string tag{};        // empty: the beginning of the digest
  bool parts_told = false;  // what is in the image is asked for: its build must be there
  KeepOptions keep{};
};

struct BuiltImage {
  const workspace::Service* service = nullptr;
  std::string repository;  // with its registry
  std::string tag;
  image::Descriptor top;  // a manifest, or an index of several
  std::string inputs;     // the hash of all that it depends on; empty where that is not known
  bool kept = false;      // nothing was built
  std::optional<image::Pushed> pushed;
  bool direct = true;
  // One a platform.
  struct Part {
    image::Descriptor manifest;
    image::Place place;  // where its packages are told
    std::string base, base_digest;
  };
  std::vector<Part> parts;

  std::string reference() const { return repository + ":" + tag; }
};

class ImageBuild {
public:
  // The workspace stays the caller's.
  ImageBuild(Context& context, const workspace::Workspace& workspace, ImageOptions options);

  // Of these services, or of all that are not backing services.
  std::expected<std::vector<BuiltImage>, base::Errors> build(const std::vector<std::string>& names);

  const image::Layout& layout() const { return layout_; }
  Registries& registries() { return registries_; }
  const KeepOptions& keep_options() const { return keeping_.options(); }
  std::int64_t time() const { return time_; }  // of everything in the images

private:
  void look_up(std::vector<ImageTask>& tasks);
  base::Result<void> take(ImageTask& task, const cache::Entry& entry);
  std::expected<void, base::Errors> run(const std::vector<ImageTask>& tasks);
  base::Result<image::Descriptor> make(const ImageTask& task);
  void keep(std::vector<ImageTask>& tasks);
  bool share(const ImageTask& task);
  base::Result<BuiltImage> image_of(const std::vector<const ImageTask*>& tasks, const std::string& prefix);
  base::Result<void> name(BuiltImage& image, const std::string& prefix);

  Context& context_;
  const workspace::Workspace& workspace_;
  ImageOptions options_;
  image::Layout layout_;
  image::LayoutUse use_;
  Registries registries_;
  ImageBases bases_;
  Keeping keeping_;
  std::string home_;
  std::int64_t time_ = 0;
};

// Removes what no image of the workspace needs any more, unless another build is under way.
void sweep_images(const workspace::Workspace& workspace);

}  // namespace msctl::cli::join
