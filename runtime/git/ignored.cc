#include "runtime/git/ignored.h"

#include <filesystem>

#include "runtime/git/library.h"

namespace msctl::git {

struct IgnoredFolders::Repository {
  const Library* library;
  Owned<git_repository> repository;
  std::string prefix;  // of the root within the working tree, with a '/' behind it; or empty
};

IgnoredFolders::IgnoredFolders(std::string root) : root_(std::move(root)) {
  // Not even loaded where there is no repository above.
  std::error_code error;
  std::filesystem::path at = root_;
  while (!std::filesystem::exists(at / ".git", error)) {
    if (at == at.parent_path()) return;
    at = at.parent_path();
  }
  auto loaded = library();
  if (!loaded) return;
  git_repository* opened = nullptr;
  if ((*loaded)->repository_open(&opened, at.c_str()) != 0) return;
  std::string prefix = std::filesystem::path(root_).lexically_relative(at).string();
  prefix = prefix == "." ? std::string{} : prefix + "/";
  repository_ = std::make_unique<Repository>(
      Repository{*loaded, Owned<git_repository>(opened, (*loaded)->repository_free), std::move(prefix)});
}

IgnoredFolders::~IgnoredFolders() = default;

bool IgnoredFolders::is_ignored(const std::string& folder) const {
  if (!repository_) return false;
  int ignored = 0;
  const std::string path = repository_->prefix + folder + "/";
  return repository_->library->ignore_path_is_ignored(&ignored, repository_->repository.get(),
                                                      path.c_str()) == 0 &&
         ignored != 0;
}

}  // namespace msctl::git
