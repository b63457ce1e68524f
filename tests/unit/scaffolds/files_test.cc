#include "scaffolds/files.h"

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>

#include "tests/unit/scaffolds/scratch.h"

using namespace msctl;
namespace fs = std::filesystem;

namespace {

struct Scratch : tests::Scratch {
  Scratch() { fs::create_directories(root / "a"); }
  std::vector<scaffolds::FileAt> files(std::size_t size = 1) const {
    return {{(root / "msctl.yaml").string(), "m"},
            {(root / "a/service.yaml").string(), "a"},
            {(root / "b/c/service.yaml").string(), std::string(size, 'x')}};
  }
};

}  // namespace

TEST_CASE("files are placed beside what is there, with missing folders") {
  Scratch scratch;
  REQUIRE(scaffolds::place_files(scratch.files(), [] { return false; }));
  CHECK(scratch.entries() ==
        std::set<std::string>{"a", "a/service.yaml", "b", "b/c", "b/c/service.yaml", "msctl.yaml"});
  CHECK((fs::status(scratch.root / "msctl.yaml").permissions() & fs::perms::owner_write) != fs::perms::none);
}

TEST_CASE("one that exists is not overwritten, and nothing else is written then") {
  for (const char* there : {"msctl.yaml", "a/service.yaml"}) {
    Scratch scratch;
    std::ofstream(scratch.root / there) << "mine";
    auto placed = scaffolds::place_files(scratch.files(), [] { return false; });
    REQUIRE_FALSE(placed);
    CHECK(placed.error().code == base::Code::exists);
    CHECK(scratch.entries() == std::set<std::string>{"a", there});
    CHECK(fs::file_size(scratch.root / there) == 4);
  }
}

TEST_CASE("one that appears at the last moment stays, and the others go") {
  Scratch scratch;
  int asked = 0;
  auto placed = scaffolds::place_files(scratch.files(), [&] {
    if (++asked == 4) std::ofstream(scratch.root / "msctl.yaml") << "mine";
    return false;
  });
  REQUIRE_FALSE(placed);
  CHECK(scratch.entries() == std::set<std::string>{"a", "msctl.yaml"});
  CHECK(fs::file_size(scratch.root / "msctl.yaml") == 4);
}

TEST_CASE("an interruption at any point of writing files leaves the tree as it was") {
  for (int at = 1; at <= 4; ++at) {
    Scratch scratch;
    int asked = 0;
    auto placed = scaffolds::place_files(scratch.files(), [&] { return ++asked == at; });
    REQUIRE_FALSE(placed);
    CHECK(placed.error().code == base::Code::interrupted);
    CHECK(scratch.entries() == std::set<std::string>{"a"});
  }
}

TEST_CASE("a file that cannot be written whole leaves the tree as it was") {
  Scratch scratch;
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small{4096, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  auto placed = scaffolds::place_files(scratch.files(10'000), [] { return false; });
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  REQUIRE_FALSE(placed);
  CHECK(placed.error().code == base::Code::cannotWrite);
  CHECK(scratch.entries() == std::set<std::string>{"a"});
}
