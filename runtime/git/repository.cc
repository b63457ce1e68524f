#include "runtime/git/repository.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "runtime/git/objects.h"

namespace msctl::git {

using base::Code;
std::unexpected<base::Error> shallow_clone(std::string_view what) {
  return base::fail(Code::shallowClone, fmt::format("this clone is shallow, and {}", what),
                    "git fetch --unshallow; in a pipeline: fetch-depth: 0 (GitHub), GIT_DEPTH: 0 (GitLab)");
}

ObjectId id_of(const git_oid& id) {
  ObjectId out;
  static_assert(sizeof id.id == std::tuple_size_v<ObjectId>);
  std::memcpy(out.data(), id.id, out.size());
  return out;
}

Repository::Repository(Owned<git_repository> repository) : repository_(std::move(repository)) {
  if (const char* folder = git_repository_workdir(repository_.get())) work_folder_ = folder;
  index_path_ = std::string(git_repository_path(repository_.get())) + "index";
}

base::Result<Repository> Repository::open(const std::string& folder) {
  begin();
  git_repository* raw = nullptr;
  if (const int result = git_repository_open_ext(&raw, folder.c_str(), 0, nullptr); result < 0) {
    if (result == GIT_ENOTFOUND)
      return base::fail(Code::noRepository, fmt::format("{} is in no git repository", folder), "git init");
    return base::fail(Code::badRepository, fmt::format("the repository cannot be opened: {}", reason()),
                      "git status");
  }
  Repository out({raw, git_repository_free});
  if (out.work_folder_.empty()) return base::fail(Code::badRepository, "the repository has no working tree");
  return out;
}

std::string Repository::prefix_of(const std::string& folder) const {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path work = fs::canonical(work_folder_, error);
  const std::string relative = fs::canonical(folder, error).lexically_relative(work).string();
  return relative == "." || relative.empty() ? "" : relative + "/";
}

std::string Repository::common_path() const {
  return git_repository_commondir(repository_.get());
}

std::string Repository::objects_path() const {
  return common_path() + "objects";
}

bool Repository::is_shallow() const {
  return git_repository_is_shallow(repository_.get()) == 1;
}

base::Result<std::string> Repository::commit(const std::string& revision) const {
  std::string id = commit_id(repository_.get(), revision);
  if (!id.empty()) return id;
  if (is_shallow()) return shallow_clone(fmt::format("'{}' is not in it", revision));
  return base::fail(Code::unknownRevision, fmt::format("there is no revision '{}'", revision),
                    "git rev-parse --verify " + revision);
}

base::Result<std::string> Repository::merge_base(const std::string& commit, const std::string& other) const {
  git_oid one, two, base;
  if (git_oid_fromstr(&one, commit.c_str()) == 0 && git_oid_fromstr(&two, other.c_str()) == 0 &&
      git_merge_base(&base, repository_.get(), &one, &two) == 0)
    return hex(base);
  if (is_shallow()) return shallow_clone("where the two histories parted is not in it");
  return base::fail(Code::unknownRevision,
                    fmt::format("{:.12} and {:.12} have no commit in common", commit, other),
                    "--base REVISION");
}

Owned<git_tree> Repository::tree(const ObjectId& id) const {
  git_oid oid;
  std::memcpy(oid.id, id.data(), id.size());
  git_tree* tree = nullptr;
  if (git_tree_lookup(&tree, repository_.get(), &oid) != 0) tree = nullptr;
  return {tree, git_tree_free};
}

Owned<git_tree> Repository::tree(const std::string& commit, std::string_view folder) const {
  auto out = folder_of(repository_.get(), tree_of(repository_.get(), commit), folder);
  return out ? std::move(*out) : Owned<git_tree>(nullptr, git_tree_free);
}

std::optional<std::string> Repository::read(const std::string& commit, const std::string& path) const {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash);
  const Owned<git_tree> within = tree(commit, folder);
  if (within == nullptr) return std::nullopt;
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  const git_tree_entry* entry = git_tree_entry_byname(within.get(), name.c_str());
  git_blob* blob = nullptr;
  if (entry == nullptr || git_blob_lookup(&blob, repository_.get(), git_tree_entry_id(entry)) != 0)
    return std::nullopt;
  Owned<git_blob> owned(blob, git_blob_free);
  return std::string(static_cast<const char*>(git_blob_rawcontent(blob)),
                     static_cast<std::size_t>(git_blob_rawsize(blob)));
}

std::optional<ObjectId> Repository::hash(const std::string& path, std::uint32_t mode, bool converted) const {
  const std::string whole = work_folder_ + path;
  git_oid id;
  if (mode == 0160000) {
    git_repository* raw = nullptr;
    if (git_repository_open_ext(&raw, whole.c_str(), GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr) != 0)
      return std::nullopt;
    Owned<git_repository> inner(raw, git_repository_free);
    if (git_reference_name_to_id(&id, raw, "HEAD") != 0) return std::nullopt;
    return id_of(id);
  }
  if (mode == 0120000) {
    std::array<char, PATH_MAX> target;
    const ssize_t size = ::readlink(whole.c_str(), target.data(), target.size());
    if (size < 0 || git_odb_hash(&id, target.data(), static_cast<std::size_t>(size), GIT_OBJECT_BLOB) != 0)
      return std::nullopt;
    return id_of(id);
  }
  if (!converted) {
    if (git_odb_hashfile(&id, whole.c_str(), GIT_OBJECT_BLOB) != 0) return std::nullopt;
    return id_of(id);
  }
  if (git_repository_hashfile(&id, repository_.get(), path.c_str(), GIT_OBJECT_BLOB, nullptr) != 0)
    return std::nullopt;
  return id_of(id);
}

bool Repository::converts() const {
  git_config* raw = nullptr;
  if (git_repository_config_snapshot(&raw, repository_.get()) != 0) return true;
  Owned<git_config> config(raw, git_config_free);
  const char* text = nullptr;
  for (const char* key : {"core.autocrlf", "core.attributesfile"})
    if (git_config_get_string(&text, raw, key) == 0 && std::string_view(text) != "false") return true;
  const std::string own = std::string(git_repository_commondir(repository_.get())) + "info/attributes";
  if (::access(own.c_str(), F_OK) == 0 || ::access("/etc/gitattributes", F_OK) == 0) return true;
  const char* home = std::getenv("HOME");
  const char* xdg = std::getenv("XDG_CONFIG_HOME");
  const std::string folder =
      xdg != nullptr && *xdg != 0 ? xdg : std::string(home != nullptr ? home : "") + "/.config";
  return ::access((folder + "/git/attributes").c_str(), F_OK) == 0;
}

bool Repository::is_ignored(const std::string& path) const {
  int ignored = 0;
  return git_ignore_path_is_ignored(&ignored, repository_.get(), path.c_str()) == 0 && ignored == 1;
}

}  // namespace msctl::git
