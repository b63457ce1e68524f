#include "scaffolds/write.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "tests/unit/scaffolds/scratch.h"

using namespace msctl;
namespace fs = std::filesystem;

namespace {

bool never() {
  return false;
}

using tests::Scratch;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("several folders are placed, with modes and missing parents") {
  Scratch scratch;
  REQUIRE(scaffolds::place({{scratch / "services/a", {{"x/y.txt", {"hello", false}}, {"run", {"#!", true}}}},
                            {scratch / "services/b", {{"z", {"", false}}}}},
                           never));
  CHECK(scratch.entries() == std::set<std::string>{"services", "services/a", "services/a/run", "services/a/x",
                                                   "services/a/x/y.txt", "services/b", "services/b/z"});
  CHECK(read(scratch / "services/a/x/y.txt") == "hello");
  CHECK(::access((scratch / "services/a/run").c_str(), X_OK) == 0);
  struct stat status{};
  REQUIRE(::stat((scratch / "services/a/x/y.txt").c_str(), &status) == 0);
  CHECK((status.st_mode & 0111) == 0);
}

TEST_CASE("nothing that exists is overwritten, and nothing else is written then") {
  Scratch scratch;
  fs::create_directories(scratch / "b");
  auto placed = scaffolds::place(
      {{scratch / "new/a", {{"f", {"1", false}}}}, {scratch / "b", {{"f", {"1", false}}}}}, never);
  REQUIRE_FALSE(placed);
  CHECK(placed.error().code == base::Code::exists);
  CHECK(scratch.entries() == std::set<std::string>{"b"});
}

TEST_CASE("a dangling link counts as something that exists") {
  Scratch scratch;
  fs::create_symlink("nowhere", scratch / "a");
  auto placed = scaffolds::place({{scratch / "a", {{"f", {"1", false}}}}}, never);
  REQUIRE_FALSE(placed);
  CHECK(placed.error().code == base::Code::exists);
}

TEST_CASE("one that appears while the trees are written is not overwritten; the first is taken back") {
  Scratch scratch;
  int asked = 0;
  auto placed =
      scaffolds::place({{scratch / "a", {{"f", {"1", false}}}}, {scratch / "b", {{"f", {"1", false}}}}}, [&] {
        if (++asked == 3) {  // the last look, before the folders are moved
          fs::create_directories(scratch / "b");
          std::ofstream(scratch / "b/mine") << "mine";
        }
        return false;
      });
  REQUIRE_FALSE(placed);
  CHECK(placed.error().code == base::Code::exists);
  CHECK(scratch.entries() == std::set<std::string>{"b", "b/mine"});
}

TEST_CASE("an interruption at any point leaves the tree as it was") {
  for (int at = 1; at <= 4; ++at) {
    Scratch scratch;
    int asked = 0;
    auto placed = scaffolds::place({{scratch / "s/a", {{"f", {"1", false}}, {"g", {"2", false}}}},
                                    {scratch / "s/b", {{"f", {"1", false}}}}},
                                   [&] { return ++asked == at; });
    REQUIRE_FALSE(placed);
    CHECK(placed.error().code == base::Code::interrupted);
    CHECK(scratch.entries().empty());
  }
}

TEST_CASE("a write that fails half-way leaves the tree as it was") {
  Scratch scratch;
  // A limit on a file's size fails like a full disk, without needing one.
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small{4096, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  auto placed = scaffolds::place(
      {{scratch / "s/a", {{"a", {"1", false}}, {"b", {std::string(10000, 'x'), false}}}}}, never);
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  REQUIRE_FALSE(placed);
  CHECK(placed.error().code == base::Code::cannotWrite);
  CHECK(scratch.entries().empty());
}

TEST_CASE("what a killed command left is removed, what a living one works on is not") {
  Scratch scratch;
  const fs::path left = scratch / ".msctl-new-AAAAAA";
  const fs::path held = scratch / ".msctl-new-BBBBBB";
  fs::create_directories(left / "x");
  fs::create_directories(held);
  timespec old[2] = {{1000, 0}, {1000, 0}};
  for (const fs::path& path : {left, held}) REQUIRE(::utimensat(AT_FDCWD, path.c_str(), old, 0) == 0);
  int lock = ::open(held.c_str(), O_RDONLY | O_DIRECTORY);
  REQUIRE(::flock(lock, LOCK_EX) == 0);
  REQUIRE(scaffolds::place({{scratch / "a", {{"f", {"1", false}}}}}, never));
  ::close(lock);
  CHECK_FALSE(fs::exists(left));
  CHECK(fs::exists(held));
}
