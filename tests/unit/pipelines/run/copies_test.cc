#include "pipelines/run/copies.h"

#include <fmt/format.h>

#include <filesystem>

#include "tests/catch.h"
#include "tests/unit/runtime/git/repository_folder.h"

using namespace msctl;
namespace fs = std::filesystem;

namespace {

struct Source {
  Source() {
    folder.write(".gitignore", "built/\n");
    folder.write("a/one.txt", "one\n");
    folder.write("a/deep/two.txt", "two\n");
    folder.write("a-b/three.txt", "three\n");
    folder.write("run", "#!/bin/sh\n");
    folder.shell("chmod +x run && ln -s run link");
    folder.commit();
    folder.write("new.txt", "not committed\n");
    auto opened = git::Repository::open(folder.path());
    REQUIRE(opened);
    repository.emplace(*std::move(opened));
    auto found = git::snapshot(*repository, "");
    REQUIRE(found);
    files = *std::move(found);
  }

  tests::RepositoryFolder folder;
  std::optional<git::Repository> repository;
  std::vector<git::SnapshotFile> files;
};

class Parent {
public:
  Parent() : path_(made()) {}
  ~Parent() { fs::remove_all(path_); }
  const std::string& path() const { return path_; }

private:
  static std::string made() {
    std::string pattern = (fs::temp_directory_path() / "msctl-copies-XXXXXX").string();
    return ::mkdtemp(pattern.data());
  }
  std::string path_;
};

// What is in it, with kinds, modes and contents, as the shell sees it.
std::string shown(const Source& source, const std::string& folder) {
  return source.folder.shell(
      fmt::format("cd '{}' && find . -printf '%p %y %m %l\\n' | sort && find . -type f ! -path './.git/*' "
                  "-exec sha256sum {{}} + | sort && git "
                  "status --porcelain",
                  folder));
}

}  // namespace

TEST_CASE("a copy that was used is like a new one") {
  const Source source;
  const Parent parent;
  pipeline::Copies copies(parent.path(), *source.repository, source.files);
  auto first = copies.take();
  REQUIRE(first);
  const std::string folder = first->folder(), fresh = shown(source, folder);
  const std::string outside = parent.path() + "/outside";
  source.folder.shell("mkdir '" + outside + "' && echo mine >'" + outside + "/two.txt'");

  const char* harm =
      GENERATE("true",                                                                 // nothing
               "echo other >a/one.txt",                                                //
               "touch -r a/one.txt was; echo ONE >a/one.txt; touch -r was a/one.txt",  // same size, same time
               "rm a/one.txt run link",                                                //
               "mkdir -p built/x && echo x >built/x/y && echo z >a/more",              // ignored, and unknown
               "chmod 700 a && echo x >a/deep/two.txt",                                //
               "chmod -x run && ln -sfn a link",                                       //
               "rm -r a/deep && ln -s ../../outside a/deep",  // what it leads to is none of ours
               "mv a b && mv a-b a",                          //
               "rm -r .git && git init -q",                   //
               "git add -A && git -c user.name=a -c user.email=a@b.c commit -qm x",  //
               "echo ref: refs/heads/other >.git/HEAD; echo '*' >.git/info/exclude");
  INFO(harm);
  source.folder.shell(fmt::format("cd '{}' && {{ {}; }}", folder, harm));
  copies.give_back(*std::move(first));
  auto second = copies.take();
  REQUIRE(second);
  CHECK(second->folder() == folder);
  CHECK(shown(source, folder) == fresh);
  CHECK(source.folder.shell("cat '" + outside + "/two.txt'") == "mine\n");
}

TEST_CASE("copies that are used at once are apart, and all are gone in the end") {
  const Source source;
  const Parent parent;
  {
    pipeline::Copies copies(parent.path() + "/deep", *source.repository, source.files);
    auto one = copies.take(), other = copies.take();
    REQUIRE(one);
    REQUIRE(other);
    CHECK(one->folder() != other->folder());
    CHECK(shown(source, one->folder()) == shown(source, other->folder()));
    copies.give_back(*std::move(one));
  }
  CHECK(fs::is_empty(parent.path() + "/deep"));
}

TEST_CASE("a copy whose folder has gone is replaced") {
  const Source source;
  const Parent parent;
  pipeline::Copies copies(parent.path(), *source.repository, source.files);
  auto first = copies.take();
  REQUIRE(first);
  const std::string fresh = shown(source, first->folder());
  fs::remove_all(first->folder());
  copies.give_back(*std::move(first));
  auto second = copies.take();
  REQUIRE(second);
  CHECK(shown(source, second->folder()) == fresh);
}
