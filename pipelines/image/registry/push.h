// An image from a layout to a registry. What is there is not sent; what another repository of the registry
// has is taken from there; the rest goes several blobs at a time. The tag is set last, when all that it leads
// to is there: a push that is cut off leaves nothing under a tag.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "pipelines/image/layout/layout.h"
#include "pipelines/image/registry/registry.h"

namespace msctl::image {

struct PushProgress {
  std::uint64_t sent = 0, total = 0;  // bytes of blobs
};

struct PushOptions {
  std::vector<std::string> tags;              // none: under its digest only
  std::map<std::string, std::string> mounts;  // of a blob's digest: a repository of the registry that has it
  std::size_t parallel = 4;
  std::function<void(const PushProgress&)> progress;  // one call at a time
};

struct Pushed {
  std::size_t present = 0, mounted = 0, uploaded = 0;  // blobs
  std::uint64_t bytes = 0;                             // that were sent
  bool was_there = false;                              // all of it, under the tags
};

base::Result<Pushed> push(Registry& registry, const std::string& repository, const Layout& layout,
                          const Descriptor& image, const PushOptions& options);

}  // namespace msctl::image
