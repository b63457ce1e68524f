// A template in a git repository.
#include <optional>

#include "runtime/git/fetch.h"
#include "runtime/git/tree.h"
#include "scaffolds/templates/source.h"

namespace msctl::scaffolds::templates {
namespace {

Entry entry_of(git::TreeFile file) {
  Entry out{std::move(file.path), EntryKind::other, false, file.size, std::move(file.id)};
  switch (file.mode & 0170000) {
    case 0100000:
      out.kind = EntryKind::file;
      out.executable = (file.mode & 0111) != 0;
      break;
    case 0120000:
      out.kind = EntryKind::link;
      break;
    case 0160000:
      out.kind = EntryKind::submodule;
      break;
    default:
      break;
  }
  return out;
}

class Repository final : public Source {
public:
  Repository(git::Fetched fetched, git::Tree tree) : fetched_(std::move(fetched)), tree_(std::move(tree)) {}

  bool has_file(const std::string& name) const override { return tree_.has_file(name); }
  std::vector<std::string> folders_with(const std::string& name) const override {
    return tree_.folders_with(name);
  }
  base::Result<std::vector<Entry>> list(std::size_t most) const override {
    auto files = tree_.list(most);
    if (!files) return std::unexpected(std::move(files.error()));
    std::vector<Entry> out;
    for (git::TreeFile& file : *files) out.push_back(entry_of(std::move(file)));
    return out;
  }
  base::Result<std::string> read(const Entry& entry) const override { return tree_.read(entry.id); }
  std::string commit() const override { return fetched_.commit; }

private:
  git::Fetched fetched_;  // outlives the tree
  git::Tree tree_;
};

}  // namespace

base::Result<std::unique_ptr<Source>> open_repository(const Address& address,
                                                      const std::function<bool()>& interrupted) {
  auto fetched = git::fetch(address.place, address.ref, interrupted);
  if (!fetched) return std::unexpected(std::move(fetched.error()));
  auto tree = git::Tree::open(fetched->folder.path(), fetched->commit, address.inside);
  if (!tree) return std::unexpected(std::move(tree.error()));
  return std::make_unique<Repository>(std::move(*fetched), std::move(*tree));
}

base::Result<std::unique_ptr<Source>> open_source(const Address& address, const std::string& base_folder,
                                                  const std::function<bool()>& interrupted) {
  if (address.kind == Address::Kind::git) return open_repository(address, interrupted);
  return open_folder(address, base_folder);
}

}  // namespace msctl::scaffolds::templates
