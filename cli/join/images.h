// `msctl build`: from services to images in .msctl/images, and from there to a registry.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/context.h"
#include "cli/join/depends.h"
#include "cli/join/registries.h"
#include "cli/join/steps.h"
#include "pipelines/cache/inputs.h"
#include "pipelines/cache/store.h"
#include "pipelines/cache/tools.h"
#include "pipelines/image/direct/assemble.h"
#include "pipelines/image/layout/layout.h"
#include "pipelines/image/registry/push.h"
#include "pipelines/image/sbom/packages.h"
#include "runtime/system/files.h"
#include "runtime/system/processes.h"
#include "runtime/workspace/types.h"

namespace msctl::cli::join {

enum class Road { automatic, direct, dockerfile };

struct ImageOptions {
  std::string environment{};                 // whose registry it is; empty: the only one that has one
  std::vector<image::Platform> platforms{};  // none: this machine's
  Road road = Road::automatic;
  bool push = false;
  std::string tag{};  // empty: the beginning of the digest
  bool use_kept = true;
  bool parts_told = false;  // what is in the image is asked for: its build must be there
  bool explain = false;
  bool verbose = false;
  std::string progress{};
};

struct BuiltImage {
  const workspace::Service* service = nullptr;
  std::string repository;  // with its registry
  std::string tag;
  image::Descriptor top;  // a manifest, or an index of several
  std::string inputs;     // the hash of all that it depends on; empty where that is not known
  bool kept = false;      // nothing was built
  std::vector<std::string> because;
  std::optional<image::Pushed> pushed;
  bool direct = true;
  // One a platform.
  struct Part {
    image::Descriptor manifest;
    image::Place place;  // where its packages are told
    std::string base, base_digest;
  };
  std::vector<Part> parts;
  std::vector<std::string> mounts;  // repositories of the same registry that may have its base's layers

  std::string reference() const { return repository + ":" + tag; }
};

class ImageBuild {
public:
  // The workspace stays the caller's.
  ImageBuild(Context& context, const workspace::Workspace& workspace, ImageOptions options);
  ~ImageBuild();
  ImageBuild(const ImageBuild&) = delete;
  ImageBuild& operator=(const ImageBuild&) = delete;

  // Of these services, or of all that are not backing services.
  std::expected<std::vector<BuiltImage>, base::Errors> build(const std::vector<std::string>& names);
  std::expected<void, base::Errors> push(std::vector<BuiltImage>& images);

  const image::Layout& layout() const { return layout_; }
  Registries& registries() { return registries_; }
  std::int64_t time() const { return time_; }  // of everything in the images

private:
  struct Task;
  std::expected<std::vector<Task>, base::Errors> plan(const std::vector<std::string>& names);
  base::Result<Task> task_of(const workspace::Service& service, const toolchain::Language* language,
                             const image::Platform& platform);
  base::Result<void> complete_direct(Task& task, const toolchain::Language& language);
  base::Result<void> complete_dockerfile(Task& task);
  image::Place place_of(const Task& task) const;
  BuiltImage::Part part_of(const Task& task);
  void look_up(Task& task, const base::Result<cache::Tree>& tree);
  std::expected<void, base::Errors> run(std::vector<Task>& tasks);
  base::Result<image::Descriptor> make(Task& task);
  void keep(std::vector<Task>& tasks);
  base::Result<std::string> registry_prefix() const;
  base::Result<std::string> base_digest(const std::string& name);
  std::string place(const Task& task) const;

  Context& context_;
  const workspace::Workspace& workspace_;
  ImageOptions options_;
  system::RealFiles files_;
  system::RealProcesses processes_;
  image::Layout layout_;
  image::LayoutUse use_;
  cache::Store store_;
  cache::Tools tools_;
  Depends depends_;
  Registries registries_;
  std::map<std::string, base::Result<std::string>> base_digests_;
  std::int64_t time_ = 0;
};

// Removes what no image of the workspace needs any more, unless another build is under way.
void sweep_images(const workspace::Workspace& workspace);

}  // namespace msctl::cli::join
