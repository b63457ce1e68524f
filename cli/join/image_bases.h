// The base images of one build: what they are now, and what is in them.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "cli/join/registries.h"
#include "pipelines/image/direct/base.h"
#include "pipelines/image/layout/layout.h"

namespace msctl::cli::join {

class ImageBases {
public:
  // `root`: of the workspace. All of them stay the caller's.
  ImageBases(const std::string& root, const image::Layout& layout, Registries& registries)
      : root_(root), layout_(layout), registries_(registries) {}

  // Asked once each.
  base::Result<std::string> digest(const std::string& name);
  // Its layers are in the layout then. May be called by several threads.
  base::Result<image::Base> find(const std::string& name, const image::Platform& platform);

private:
  const std::string& root_;
  const image::Layout& layout_;
  Registries& registries_;
  std::map<std::string, base::Result<std::string>> digests_;
  std::mutex finding_;  // what one fetches another need not
};

}  // namespace msctl::cli::join
