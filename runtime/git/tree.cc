#include "runtime/git/tree.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/git/objects.h"

namespace msctl::git {
namespace {

constexpr unsigned kind_mask = 0170000, folder_kind = 0040000, file_kind = 0100000;

unsigned mode_of(const git_tree_entry* entry) {
  return static_cast<unsigned>(git_tree_entry_filemode_raw(entry));
}

std::unexpected<base::Error> broken(const std::string& reason) {
  return base::fail(base::Code::badTemplate, fmt::format("the repository is broken: {}", reason));
}

}  // namespace

Tree::Tree(Owned<git_repository> repository, Owned<git_odb> objects, Owned<git_tree> tree)
    : repository_(std::move(repository)), objects_(std::move(objects)), tree_(std::move(tree)) {}

base::Result<Tree> Tree::open(const std::string& folder, const std::string& commit_id,
                              const std::string& inside) {
  begin();
  git_repository* repository = nullptr;
  if (git_repository_open_bare(&repository, folder.c_str()) < 0) return broken(reason());
  Owned<git_repository> owned(repository, git_repository_free);
  git_odb* objects = nullptr;
  if (git_repository_odb(&objects, repository) < 0) return broken(reason());
  Owned<git_odb> owned_objects(objects, git_odb_free);
  Owned<git_tree> root = tree_of(repository, commit_id);
  if (root == nullptr) return broken(reason());
  auto tree = folder_of(repository, std::move(root), inside);
  if (!tree)
    return base::fail(base::Code::noTemplate, fmt::format("the repository has no folder '{}'", inside));
  if (*tree == nullptr) return broken(reason());
  return Tree(std::move(owned), std::move(owned_objects), std::move(*tree));
}

base::Result<Owned<git_tree>> Tree::lookup(const git_oid& id) const {
  git_tree* tree = nullptr;
  if (git_tree_lookup(&tree, repository_.get(), &id) < 0) return broken(reason());
  return Owned<git_tree>(tree, git_tree_free);
}

bool Tree::has_file(const std::string& name) const {
  const git_tree_entry* entry = git_tree_entry_byname(tree_.get(), name.c_str());
  return entry != nullptr && (mode_of(entry) & kind_mask) != folder_kind;
}

std::vector<std::string> Tree::folders_with(const std::string& name) const {
  std::vector<std::string> out;
  const std::size_t count = git_tree_entrycount(tree_.get());
  for (std::size_t i = 0; i < count; ++i) {
    const git_tree_entry* entry = git_tree_entry_byindex(tree_.get(), i);
    if ((mode_of(entry) & kind_mask) != folder_kind) continue;
    auto below = lookup(*git_tree_entry_id(entry));
    if (below && git_tree_entry_byname(below->get(), name.c_str()) != nullptr)
      out.emplace_back(git_tree_entry_name(entry));
  }
  return out;
}

base::Result<std::vector<TreeFile>> Tree::list(std::size_t most) const {
  struct Folder {
    std::string prefix;
    git_oid id;
  };
  std::vector<TreeFile> out;
  std::vector<Folder> waiting;
  std::size_t folders = 0;

  // A tree may name itself below itself, a thousandfold: folders are counted as files are.
  auto take = [&](git_tree* tree, const std::string& prefix) -> base::Result<void> {
    const std::size_t count = git_tree_entrycount(tree);
    for (std::size_t i = 0; i < count && out.size() < most; ++i) {
      const git_tree_entry* entry = git_tree_entry_byindex(tree, i);
      TreeFile file{prefix + git_tree_entry_name(entry), mode_of(entry), 0, {}};
      if ((file.mode & kind_mask) == folder_kind) {
        waiting.push_back({file.path + "/", *git_tree_entry_id(entry)});
        continue;
      }
      file.id = hex(*git_tree_entry_id(entry));
      git_object_t type = GIT_OBJECT_INVALID;
      std::size_t size = 0;
      if ((file.mode & kind_mask) == file_kind) {
        if (git_odb_read_header(&size, &type, objects_.get(), git_tree_entry_id(entry)) < 0)
          return broken(reason());
        if (type != GIT_OBJECT_BLOB) return broken("a file is none");
      }
      file.size = size;
      out.push_back(std::move(file));
    }
    return {};
  };

  if (auto taken = take(tree_.get(), {}); !taken) return std::unexpected(std::move(taken.error()));
  while (!waiting.empty() && out.size() < most) {
    Folder next = std::move(waiting.back());
    waiting.pop_back();
    if (++folders > most || next.prefix.size() > 4096)
      return base::fail(base::Code::templateTooLarge, "the template's folders are too many, or too deep");
    auto tree = lookup(next.id);
    if (!tree) return std::unexpected(std::move(tree.error()));
    if (auto taken = take(tree->get(), next.prefix); !taken) return std::unexpected(std::move(taken.error()));
  }
  std::ranges::sort(out, {}, &TreeFile::path);
  return out;
}

base::Result<std::string> Tree::read(const std::string& id_text) const {
  git_oid id;
  git_blob* blob = nullptr;
  if (git_oid_fromstr(&id, id_text.c_str()) < 0 || git_blob_lookup(&blob, repository_.get(), &id) < 0)
    return broken(reason());
  Owned<git_blob> owned(blob, git_blob_free);
  return std::string(static_cast<const char*>(git_blob_rawcontent(blob)),
                     static_cast<std::size_t>(git_blob_rawsize(blob)));
}

}  // namespace msctl::git
