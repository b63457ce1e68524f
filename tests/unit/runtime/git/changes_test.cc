// Held against git's own answer, over thousands of random changes.
#include "runtime/git/changes.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <random>
#include <sstream>

#include "runtime/git/snapshot.h"
#include "tests/unit/runtime/git/repository_folder.h"

using namespace msctl;
using git::Change;
using tests::RepositoryFolder;

namespace {

std::vector<Change> ours(const RepositoryFolder& folder, const std::string& base,
                         const std::string& prefix = {}) {
  auto repository = git::Repository::open(folder.path());
  REQUIRE(repository);
  auto commit = repository->commit(base);
  REQUIRE(commit);
  auto changes = git::changes(*repository, *commit, prefix);
  REQUIRE(changes);
  return *changes;
}

// A temporary index into which everything is added, compared with the commit: what git would commit now.
std::vector<Change> gits(const RepositoryFolder& folder, const std::string& base) {
  folder.shell("rm -f .git/oracle && cp -p .git/index .git/oracle 2>/dev/null || true");
  std::istringstream lines(
      folder.shell("GIT_INDEX_FILE=.git/oracle git add -A && GIT_INDEX_FILE=.git/oracle git -c "
                   "core.quotepath=off diff --cached "
                   "--no-renames --name-status " +
                   base));
  std::vector<Change> out;
  for (std::string line; std::getline(lines, line);) {
    const Change::Kind kind = line[0] == 'A'   ? Change::Kind::added
                              : line[0] == 'D' ? Change::Kind::removed
                                               : Change::Kind::modified;
    out.push_back({line.substr(2), kind});
  }
  std::ranges::sort(out, {}, &Change::path);
  return out;
}

std::string shown(const std::vector<Change>& changes) {
  std::string out;
  for (const Change& change : changes)
    out += "AMD"[static_cast<int>(change.kind)] + (" " + change.path + "\n");
  return out;
}

// Paths, modes and ids, as `git ls-files --stage` prints them.
std::string our_snapshot(const RepositoryFolder& folder, const std::string& prefix = {}) {
  auto repository = git::Repository::open(folder.path());
  REQUIRE(repository);
  auto files = git::snapshot(*repository, prefix);
  REQUIRE(files);
  std::string out;
  for (const git::SnapshotFile& file : *files) {
    std::array<char, 8> mode{};
    std::snprintf(mode.data(), mode.size(), "%06o ", file.stored.mode);
    out += mode.data();
    for (unsigned char byte : file.stored.id) {
      std::array<char, 3> digits{};
      std::snprintf(digits.data(), digits.size(), "%02x", byte);
      out += digits.data();
    }
    out += " " + file.path + "\n";
  }
  return out;
}

std::string gits_snapshot(const RepositoryFolder& folder) {
  folder.shell("rm -f .git/oracle && cp -p .git/index .git/oracle 2>/dev/null || true");
  return folder.shell(
      "GIT_INDEX_FILE=.git/oracle git add -A && GIT_INDEX_FILE=.git/oracle git -c core.quotepath=off "
      "ls-files --stage | sed 's/ 0\\t/ /'");
}

}  // namespace

TEST_CASE("random changes are told as git tells them") {
  RepositoryFolder folder;
  folder.write(".gitignore", "*.o\nbuild/\n!kept.o\n");
  folder.write("seed", "");
  std::vector<std::string> commits{folder.commit()};
  std::mt19937 random(20261126);
  auto pick = [&](std::size_t below) {
    return std::uniform_int_distribution<std::size_t>(0, below - 1)(random);
  };
  const std::vector<std::string> names{"a",         "b",     "c/a",       "c/b",    "c/d/a", "c/d/e/f",
                                       "c.x",       "c-x/a", "x.o",       "kept.o", "c/y.o", "build/z",
                                       "c/build/w", "ä/ö ü", "d/e/f/g/h", "d/e/i",  "e"};
  for (int round = 0; round < 400; ++round) {
    const std::string& name = names[pick(names.size())];
    const std::string quoted = "'" + name + "'";
    const bool there = std::filesystem::exists(std::filesystem::symlink_status(folder.at(name)));
    switch (pick(10)) {
      case 0:
      case 1:
      case 2:
        folder.shell("rm -rf " + quoted + "; mkdir -p \"$(dirname " + quoted + ")\" 2>/dev/null; printf %s " +
                     std::to_string(pick(3)) + " > " + quoted + " || true");
        break;
      case 3:
        folder.shell("rm -rf " + quoted);
        break;
      case 4:
        if (there)
          folder.shell("chmod " + std::string(pick(2) ? "+x " : "-x ") + quoted + " 2>/dev/null || true");
        break;
      case 5:
        folder.shell("rm -rf " + quoted + "; ln -s nowhere" + std::to_string(pick(2)) + " " + quoted +
                     " 2>/dev/null || true");
        break;
      case 6:
        folder.git("add -A -- " + quoted + " 2>/dev/null || true");
        break;
      case 7:
        folder.git("rm -rq --cached -- " + quoted + " 2>/dev/null || true");
        break;
      case 8:
        folder.git("add -f -- " + quoted + " 2>/dev/null || true");
        break;
      case 9:
        if (pick(4) == 0) commits.push_back(folder.commit());
        if (pick(4) == 0) folder.git("stash -q 2>/dev/null || true");
        break;
    }
    const std::string& base = commits[pick(commits.size())];
    INFO("round " << round << ", " << name);
    REQUIRE(shown(ours(folder, base)) == shown(gits(folder, base)));
    REQUIRE(our_snapshot(folder) == gits_snapshot(folder));
  }
  CHECK(commits.size() > 3);
}

TEST_CASE("a change in the same tick and of the same size is found") {
  RepositoryFolder folder;
  folder.write("a", "1");
  const std::string base = folder.commit();
  // The times of the file are those that the index has, whatever the clock did.
  folder.shell(
      "cp -p a keep; touch -r .git/index a; git update-index --refresh >/dev/null; touch -r .git/index a");
  folder.shell("printf 2 > a; touch -r .git/index a; rm keep");
  CHECK(ours(folder, base) == std::vector<Change>{{"a", Change::Kind::modified}});
}

TEST_CASE("a snapshot has the files of a repository within, and only what is below its prefix") {
  RepositoryFolder folder, within;
  within.write("b", "1");
  within.commit();
  folder.write("a", "1");
  folder.git("submodule --quiet add " + within.path() + " sub");
  folder.commit();
  folder.write("sub/b", "2");
  folder.write("sub/new", "");
  folder.shell("git init -q other && touch other/c");
  const std::string all = our_snapshot(folder);
  INFO(all);
  CHECK(all.find("100644 d8263ee9860594d2806b0dfd1bfd17528b0ba2a4 sub/b\n") != std::string::npos);
  CHECK(all.find(" sub/new\n") != std::string::npos);
  CHECK(all.find(" other/c\n") != std::string::npos);
  CHECK(all.find(" sub\n") == std::string::npos);
  CHECK(our_snapshot(folder, "other/") == "100644 e69de29bb2d1d6434b8b29ae775ad8c2e48c5391 other/c\n");
  folder.git("submodule --quiet deinit -f sub");
  CHECK(our_snapshot(folder).find("160000 " + within.git("rev-parse HEAD").substr(0, 40) + " sub\n") !=
        std::string::npos);
}

TEST_CASE("what was changed back has not changed") {
  RepositoryFolder folder;
  folder.write("a", "1");
  const std::string base = folder.commit();
  folder.write("a", "2");
  folder.git("add a");
  CHECK(ours(folder, base).size() == 1);
  folder.write("a", "1");
  CHECK(ours(folder, base).empty());
}

TEST_CASE("line endings are those that would be stored") {
  RepositoryFolder folder;
  folder.write(".gitattributes", "*.txt text\n");
  folder.write("a.txt", "1\n2\n");
  const std::string base = folder.commit();
  folder.write("a.txt", "1\r\n2\r\n");
  CHECK(shown(ours(folder, base)) == shown(gits(folder, base)));
  CHECK(ours(folder, base).empty());
}

TEST_CASE("only what is below the prefix") {
  RepositoryFolder folder;
  folder.write("shop/a", "1");
  folder.write("shop.txt", "1");
  folder.write("shops/a", "1");
  const std::string base = folder.commit();
  for (const char* name : {"shop/a", "shop.txt", "shops/a", "shop/new", "new"}) folder.write(name, "2");
  CHECK(shown(ours(folder, base, "shop/")) == "M shop/a\nA shop/new\n");
}

TEST_CASE("nothing is looked at through a link") {
  RepositoryFolder folder;
  folder.write("a/b/c", "1");
  const std::string base = folder.commit();
  folder.shell("mv a z && ln -s z a");
  CHECK(shown(ours(folder, base)) == "A a\nD a/b/c\nA z/b/c\n");
  CHECK(shown(ours(folder, base)) == shown(gits(folder, base)));
}

TEST_CASE("submodules by their commit, other repositories within as one thing") {
  RepositoryFolder inner, folder;
  inner.write("x", "1");
  inner.commit();
  folder.git("submodule --quiet add " + inner.path() + " sub");
  const std::string base = folder.commit();
  CHECK(ours(folder, base).empty());
  inner.write("x", "2");
  inner.commit();
  folder.git("-C sub pull -q");
  CHECK(shown(ours(folder, base)) == "M sub\n");
  folder.shell("rm -rf sub && mkdir sub");  // not checked out
  CHECK(ours(folder, base).empty());
  folder.shell("git clone -q " + inner.path() + " own");
  CHECK(shown(ours(folder, base)) == "A own/\n");
}

TEST_CASE("sides of a merge, trusted entries, and an index that is not there") {
  RepositoryFolder folder;
  folder.write("a", "1");
  folder.write("b", "1");
  const std::string base = folder.commit();
  folder.git("checkout -q -b other");
  folder.write("a", "2");
  folder.commit();
  folder.git("checkout -q main");
  folder.write("a", "3");
  folder.commit();
  folder.shell("git -c user.name=a -c user.email=a@example.com merge other >/dev/null 2>&1; test $? = 1");
  CHECK(shown(ours(folder, base)) == "M a\n");
  folder.git("reset -q --hard " + base);
  folder.git("update-index --assume-unchanged b");
  folder.write("b", "2");
  CHECK(ours(folder, base).empty());
  folder.shell("rm .git/index");
  CHECK(shown(ours(folder, base)) == "M b\n");
}

TEST_CASE("what is no repository, and what is not in it, is told") {
  RepositoryFolder folder;
  folder.write("a", "1");
  folder.commit();
  auto repository = git::Repository::open(folder.path());
  REQUIRE(repository);
  CHECK(repository->commit("nowhere").error().code == base::Code::unknownRevision);
  CHECK_FALSE(repository->is_shallow());
  folder.shell("mkdir ../plain-$$ && mv .git ../plain-$$/ && rm -rf ../plain-$$");
  CHECK(git::Repository::open(folder.path()).error().code == base::Code::noRepository);
}

TEST_CASE("a shallow clone says how to deepen it") {
  RepositoryFolder folder;
  folder.write("a", "1");
  const std::string first = folder.commit();
  folder.write("a", "2");
  folder.commit();
  folder.shell("git clone -q --depth 1 file://\"$PWD\" shallow");
  auto repository = git::Repository::open(folder.path() + "/shallow");
  REQUIRE(repository);
  auto commit = repository->commit(first);
  REQUIRE_FALSE(commit);
  CHECK(commit.error().code == base::Code::shallowClone);
  CHECK(commit.error().suggestion.find("git fetch --unshallow") == 0);
}
