// A commit, the index and the working tree are compared in pairs, both of which mostly end early: the commit
// with the index by trees (a folder whose cached tree is the commit's is not looked into), the index with the
// working tree by times (scan.h), at the same time on other threads. Only what one of the two found is then
// held against the commit, by content.
#include "runtime/git/changes.h"

#include <algorithm>
#include <map>
#include <set>
#include <thread>

#include "runtime/git/scan.h"
#include "runtime/git/work_tree.h"

namespace msctl::git {
namespace {

// Trees of old repositories have modes that git no longer writes (0100664).
std::uint32_t normal_mode(std::uint32_t mode) {
  if ((mode & 0170000) != 0100000) return mode;
  return (mode & 0100) != 0 ? 0100755 : 0100644;
}

// Where the index is not what the commit is: the commit's side, or nothing where it does not have the path.
using Differences = std::map<std::string, std::optional<Stored>>;

class TreeComparison {
public:
  TreeComparison(const Repository& repository, const Index& index)
      : repository_(repository), entries_(index.entries) {}

  // `end`: behind the last entry below `folder`.
  void compare(const std::string& folder, const Owned<git_tree>& tree, const CachedTree* cached,
               std::size_t begin, std::size_t end) {
    std::set<std::string> here;  // names of the commit, a folder's with '/'
    const std::size_t count = tree == nullptr ? 0 : git_tree_entrycount(tree.get());
    for (std::size_t i = 0; i < count; ++i) {
      const git_tree_entry* entry = git_tree_entry_byindex(tree.get(), i);
      const auto mode = static_cast<std::uint32_t>(git_tree_entry_filemode_raw(entry));
      const std::string path = folder + git_tree_entry_name(entry);
      const ObjectId id = id_of(*git_tree_entry_id(entry));
      if (mode == 0040000)
        compare_folder(path + "/", id, child(cached, git_tree_entry_name(entry)), begin, end);
      else
        compare_file(path, {id, normal_mode(mode)}, begin, end);
      here.insert(git_tree_entry_name(entry) + std::string(mode == 0040000 ? "/" : ""));
    }
    for (std::size_t i = begin; i < end;) {
      std::string_view rest = entries_[i].path.substr(folder.size());
      const std::size_t slash = rest.find('/');
      const std::string name(rest.substr(0, slash == std::string_view::npos ? slash : slash + 1));
      const std::size_t next = slash == std::string_view::npos ? i + 1 : behind(folder + name, i, end);
      if (!here.contains(name))
        for (std::size_t added = i; added < next; ++added)
          found_.emplace(std::string(entries_[added].path), std::nullopt);
      i = next;
    }
  }

  Differences& found() { return found_; }

  static const CachedTree* child(const CachedTree* of, std::string_view name) {
    if (of == nullptr) return nullptr;
    auto found = std::ranges::find(of->children, name, &CachedTree::name);
    return found == of->children.end() ? nullptr : &*found;
  }

private:
  std::size_t first_at(std::string_view path, std::size_t begin, std::size_t end) const {
    auto from = entries_.begin();
    return static_cast<std::size_t>(
        std::lower_bound(
            from + static_cast<std::ptrdiff_t>(begin), from + static_cast<std::ptrdiff_t>(end), path,
            [](const IndexEntry& entry, std::string_view wanted) { return entry.path < wanted; }) -
        from);
  }

  // The first entry that is not below the folder, whose path ends with '/'.
  std::size_t behind(std::string folder, std::size_t begin, std::size_t end) const {
    ++folder.back();
    return first_at(folder, begin, end);
  }

  void compare_folder(const std::string& path, const ObjectId& id, const CachedTree* cached,
                      std::size_t begin, std::size_t end) {
    if (cached != nullptr && cached->id == id) return;
    const std::size_t first = first_at(path, begin, end);
    compare(path, repository_.tree(id), cached, first, behind(path, first, end));
  }

  void compare_file(const std::string& path, const Stored& stored, std::size_t begin, std::size_t end) {
    const std::size_t i = first_at(path, begin, end);
    const bool there = i < end && entries_[i].path == path && !entries_[i].only_intended;
    if (!there || Stored{entries_[i].id, entries_[i].mode} != stored || entries_[i].conflict)
      found_.emplace(path, stored);
  }

  const Repository& repository_;
  const std::vector<IndexEntry>& entries_;
  Differences found_;
};

Differences compare(const Repository& repository, const std::string& commit, const Index& index,
                    const std::string& prefix) {
  TreeComparison comparison(repository, index);
  const std::string_view folder = std::string_view(prefix).substr(0, prefix.empty() ? 0 : prefix.size() - 1);
  const auto below = [&](const IndexEntry& entry) { return entry.path.starts_with(prefix); };
  auto first = std::ranges::find_if(index.entries, below);
  auto last = std::find_if_not(first, index.entries.end(), below);
  const CachedTree* cached = &index.root;
  for (std::string_view rest = prefix; !rest.empty(); rest.remove_prefix(rest.find('/') + 1))
    cached = TreeComparison::child(cached, rest.substr(0, rest.find('/')));
  comparison.compare(prefix, repository.tree(commit, folder), cached,
                     static_cast<std::size_t>(first - index.entries.begin()),
                     static_cast<std::size_t>(last - index.entries.begin()));
  return std::move(comparison.found());
}

class Judge {
public:
  Judge(const Repository& repository, const Index& index, const Differences& differences)
      : repository_(repository), index_(index), differences_(differences) {}

  void judge(const Scan& scan) {
    converted_ = may_convert(repository_, index_, scan);
    for (std::size_t i : scan.missing) judge_entry(i, std::nullopt);
    for (std::size_t i : scan.suspects) {
      const IndexEntry& entry = index_.entries[i];
      const std::string path(entry.path);
      auto there = in_work_tree(repository_, path, entry.mode, converted_);
      if (!there && entry.mode == 0160000) there = Stored{entry.id, entry.mode};
      judge_entry(i, there);
    }
    std::vector<std::string> fresh;
    for (const std::string& path : scan.unknown) expand(repository_, path, fresh);
    for (const std::string& path : fresh) judge_fresh(path);
    for (const auto& [path, stored] : differences_)
      if (!judged_.contains(path)) judge_difference(path, stored);
    std::ranges::sort(out_, {}, &Change::path);
  }

  std::vector<Change>& changes() { return out_; }

private:
  void say(const std::string& path, const std::optional<Stored>& before, const std::optional<Stored>& now) {
    if (!judged_.insert(path).second || before == now) return;
    out_.push_back({path, !before ? Change::Kind::added
                          : !now  ? Change::Kind::removed
                                  : Change::Kind::modified});
  }

  std::optional<Stored> before(const std::string& path, const IndexEntry* entry) const {
    if (auto found = differences_.find(path); found != differences_.end()) return found->second;
    if (entry == nullptr) return std::nullopt;
    return Stored{entry->id, entry->mode};
  }

  void judge_entry(std::size_t i, const std::optional<Stored>& now) {
    const IndexEntry& entry = index_.entries[i];
    const std::string path(entry.path);
    say(path, before(path, &entry), now);
  }

  // Not in the index; it may be in the commit (git rm --cached).
  void judge_fresh(const std::string& path) {
    if (path.ends_with('/')) return say(path, std::nullopt, Stored{});
    auto now = in_work_tree(repository_, path, 0, converted_);
    if (now) say(path, before(path, nullptr), now);
  }

  // The working tree is what the index says. What that does not have, and is there, is ignored: it is gone as
  // far as a commit goes.
  void judge_difference(const std::string& path, const std::optional<Stored>& stored) {
    auto entry = std::ranges::lower_bound(index_.entries, std::string_view(path), {}, &IndexEntry::path);
    const bool indexed = entry != index_.entries.end() && entry->path == path;
    say(path, stored, indexed ? std::optional(Stored{entry->id, entry->mode}) : std::nullopt);
  }

  const Repository& repository_;
  const Index& index_;
  const Differences& differences_;
  bool converted_ = true;
  std::set<std::string> judged_;
  std::vector<Change> out_;
};

}  // namespace

base::Result<std::vector<Change>> changes(const Repository& repository, const std::string& base_commit,
                                          const std::string& prefix) {
  auto read = read_index(repository.index_path());
  if (!read) return std::unexpected(std::move(read.error()));
  Scan scanned;
  Differences differences;
  {
    std::jthread looking(
        [&] { scanned = scan(repository.work_folder(), read->index, prefix, read->written); });
    differences = compare(repository, base_commit, read->index, prefix);
  }
  Judge judge(repository, read->index, differences);
  judge.judge(scanned);
  return std::move(judge.changes());
}

}  // namespace msctl::git
