#include "runtime/system/files.h"

#include <sys/stat.h>

#include <filesystem>

#include "tests/catch.h"
#include "tests/fakes/files.h"

namespace fs = std::filesystem;
using msctl::base::Code;
using msctl::system::RealFiles;

namespace {

struct TemporaryFolder {
  std::string path;
  TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "msctl-files-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { fs::remove_all(path); }
  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(path), fs::directory_iterator()));
  }
};

}  // namespace

TEST_CASE("replace writes whole files, keeps the mode, and leaves nothing beside") {
  TemporaryFolder folder;
  RealFiles files;
  std::string path = folder.path + "/deep/er/file";
  REQUIRE(files.replace(path, "one"));
  CHECK(files.read(path) == "one");
  ::chmod(path.c_str(), 0750);
  REQUIRE(files.replace(path, "two"));
  CHECK(files.read(path) == "two");
  struct stat info{};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0750);
  CHECK(files.list(folder.path + "/deep/er").value() == std::vector<std::string>{"file"});
}

TEST_CASE("create refuses what exists, also a dangling link") {
  TemporaryFolder folder;
  RealFiles files;
  std::string path = folder.path + "/file";
  REQUIRE(files.create(path, "mine"));
  auto again = files.create(path, "theirs");
  REQUIRE_FALSE(again);
  CHECK(again.error().code == Code::exists);
  CHECK(files.read(path) == "mine");
  fs::create_symlink("nowhere", folder.path + "/link");
  CHECK(files.create(folder.path + "/link", "x").error().code == Code::exists);
  CHECK(folder.entries() == 2);
}

TEST_CASE("a tree is made whole or not at all") {
  TemporaryFolder folder;
  RealFiles files;
  std::string root = folder.path + "/tree";
  REQUIRE(files.create_tree(root, {{"a/b", "1"}, {"run", "2", true}}));
  CHECK(files.read(root + "/a/b") == "1");
  CHECK(::access((root + "/run").c_str(), X_OK) == 0);
  CHECK(files.create_tree(root, {{"c", "3"}}).error().code == Code::exists);
  CHECK_FALSE(files.exists(root + "/c"));
  // "x" cannot be a file and a folder: the second file fails, and the first must be gone with the folder.
  auto broken = files.create_tree(folder.path + "/other", {{"x", "1"}, {"x/y", "2"}});
  REQUIRE_FALSE(broken);
  CHECK(broken.error().code == Code::cannotWrite);
  CHECK(folder.entries() == 1);
}

TEST_CASE("errors of reading have a code") {
  RealFiles files;
  CHECK(files.read("/does/not/exist").error().code == Code::unreadableFile);
  CHECK(files.list("/does/not/exist").error().code == Code::unreadableFile);
  CHECK(files.replace("/proc/no/such", "x").error().code == Code::cannotWrite);
}

TEST_CASE("the fake keeps the same promises") {
  msctl::fakes::FakeFiles files;
  REQUIRE(files.create_tree("/w", {{"a/b", "1"}, {"c", "2"}}));
  CHECK(files.create("/w/c", "x").error().code == Code::exists);
  CHECK(files.list("/w").value() == std::vector<std::string>{"a", "c"});
  files.fail_writes_after = 1;
  CHECK_FALSE(files.create_tree("/v", {{"a", "1"}, {"b", "2"}}));
  CHECK_FALSE(files.exists("/v"));
}
