// The index as git itself writes it, in each version.
#include "runtime/git/index_file.h"

#include "tests/unit/runtime/git/repository_folder.h"

using namespace msctl;
using tests::RepositoryFolder;

namespace {

std::string hex(const git::ObjectId& id) {
  std::string out;
  for (unsigned char byte : id)
    for (int half : {byte >> 4, byte & 15}) out += "0123456789abcdef"[half];
  return out;
}

// As `git ls-files --stage` prints it.
std::string listed(const git::Index& index) {
  std::string out;
  for (const git::IndexEntry& entry : index.entries) {
    char mode[8];
    std::snprintf(mode, sizeof mode, "%06o", entry.mode);
    out += std::string(mode) + " " + hex(entry.id) + " 0\t" + std::string(entry.path) + "\n";
  }
  return out;
}

void fill(const RepositoryFolder& folder) {
  for (const char* name : {"a", "b/c", "b/d/e", "b.txt", "b/d/f g", "long/"})
    if (std::string(name).back() != '/') folder.write(name, name);
  folder.write("long/" + std::string(200, 'x') + "/y", "1");
  folder.shell("chmod +x b/c && ln -s b/c link");
  folder.commit();
}

}  // namespace

TEST_CASE("each version of the index reads as git lists it") {
  RepositoryFolder folder;
  fill(folder);
  for (const char* version : {"2", "3", "4"}) {
    folder.git(std::string("update-index --index-version ") + version);
    // Version 3 is only written where an entry has a flag of it.
    folder.git("update-index --skip-worktree b.txt");
    auto index = git::parse_index(folder.read(".git/index"));
    REQUIRE(index);
    CHECK(listed(*index) == folder.git("ls-files --stage"));
    for (const git::IndexEntry& entry : index->entries) CHECK(entry.trusted == (entry.path == "b.txt"));
  }
}

TEST_CASE("the cached trees are those of the commit") {
  RepositoryFolder folder;
  fill(folder);
  auto index = git::parse_index(folder.read(".git/index"));
  REQUIRE(index);
  REQUIRE(index->root.id);
  CHECK(hex(*index->root.id) == folder.git("rev-parse 'HEAD^{tree}'").substr(0, 40));
  REQUIRE(index->root.children.size() == 2);
  CHECK(index->root.children[0].name == "b");
  CHECK(hex(*index->root.children[0].id) == folder.git("rev-parse HEAD:b").substr(0, 40));
  folder.write("b/c", "other");
  folder.git("add b/c");
  index = git::parse_index(folder.read(".git/index"));
  CHECK_FALSE(index->root.id);
  CHECK_FALSE(index->root.children[0].id);
  CHECK(index->root.children[1].id);
}

TEST_CASE("an index cut anywhere is refused or shorter, never read past its end") {
  RepositoryFolder folder;
  fill(folder);
  const std::string bytes = folder.read(".git/index");
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    auto cut = git::parse_index(bytes.substr(0, size));
    CHECK((!cut || cut->entries.size() <= 8));
    if (!cut) CHECK(cut.error().code == base::Code::badRepository);
  }
}

TEST_CASE("forms that are not read are named with their cure") {
  RepositoryFolder folder;
  fill(folder);
  folder.git("update-index --split-index");
  auto split = git::parse_index(folder.read(".git/index"));
  REQUIRE_FALSE(split);
  CHECK(split.error().suggestion == "git update-index --no-split-index");
  CHECK_FALSE(git::parse_index("DIRC and nothing that follows as it should"));
}
