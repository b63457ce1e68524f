// Which images are to be built, by which road, and what each of them depends on.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/context.h"
#include "cli/join/image_bases.h"
#include "cli/join/keeping.h"
#include "pipelines/image/direct/assemble.h"
#include "pipelines/image/sbom/packages.h"
#include "runtime/workspace/types.h"

namespace msctl::cli::join {

enum class Road { automatic, direct, dockerfile };

// An image of one service for one platform.
struct ImageTask : Keepable {
  image::Platform platform;
  Road road = Road::direct;
  workspace::Recipe recipe;  // of the direct road
  std::vector<std::string> run;
  std::string base;  // empty: of the Dockerfile road
  std::string work, tool;
  image::Variables variables;
  std::vector<toolchain::Argv> steps;  // as they are run
  std::vector<std::string> environment;
  std::optional<image::Descriptor> image;
  bool spoilt = false;  // what is shared of it was changed there

  // Where its packages are told; `home`: the user's.
  image::Place place(const std::string& home) const;
};

struct ImagePlanOptions {
  std::vector<image::Platform> platforms;
  Road road = Road::automatic;
  std::int64_t time = 0;  // of everything in the images
  std::string folder;     // of the images
};

class ImagePlan {
public:
  ImagePlan(Context& context, const workspace::Workspace& workspace, ImagePlanOptions options,
            Keeping& keeping, ImageBases& bases)
      : context_(context),
        workspace_(workspace),
        options_(std::move(options)),
        keeping_(keeping),
        bases_(bases) {}

  // Of these services, or of all that are not backing services, those of one service side by side.
  std::expected<std::vector<ImageTask>, base::Errors> tasks(const std::vector<std::string>& names);

private:
  base::Result<ImageTask> task_of(const workspace::Service& service, const toolchain::Language* language,
                                  const image::Platform& platform);
  base::Result<void> complete_direct(ImageTask& task, const toolchain::Language* language);
  base::Result<void> complete_dockerfile(ImageTask& task);

  Context& context_;
  const workspace::Workspace& workspace_;
  ImagePlanOptions options_;
  Keeping& keeping_;
  ImageBases& bases_;
};

}  // namespace msctl::cli::join
