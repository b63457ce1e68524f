#include "cli/join/image_bases.h"

namespace msctl::cli::join {

base::Result<std::string> ImageBases::digest(const std::string& name) {
  auto found = digests_.find(name);
  if (found == digests_.end())
    found = digests_
                .emplace(name, image::digest_of_base(name, root_,
                                                     [this](const std::string& registry) -> image::Registry& {
                                                       return registries_.of(registry);
                                                     }))
                .first;
  return found->second;
}

base::Result<image::Base> ImageBases::find(const std::string& name, const image::Platform& platform) {
  const std::lock_guard lock(finding_);
  return image::find_base(
      name, platform, root_, layout_,
      [this](const std::string& registry) -> image::Registry& { return registries_.of(registry); });
}

}  // namespace msctl::cli::join
