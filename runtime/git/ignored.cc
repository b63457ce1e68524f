#include "runtime/git/ignored.h"

namespace msctl::git {

IgnoredFolders::IgnoredFolders(const std::string& root) {
  auto opened = Repository::open(root);
  if (!opened) return;
  repository_ = std::move(*opened);
  prefix_ = repository_->prefix_of(root);
}

bool IgnoredFolders::is_ignored(const std::string& folder) const {
  return repository_ && repository_->is_ignored(prefix_ + folder + "/");
}

}  // namespace msctl::git
