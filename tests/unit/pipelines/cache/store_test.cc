#include "pipelines/cache/store.h"

#include <filesystem>
#include <fstream>

#include "tests/catch.h"

using namespace msctl;
namespace fs = std::filesystem;

namespace {

struct Folder {
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "msctl-cache-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~Folder() { fs::remove_all(path); }
  std::string path;
};

std::string key(char digit) {
  return std::string(64, digit);
}

fs::path file_of(const Folder& folder, char digit) {
  return fs::path(folder.path) / "cache/results" / std::string(2, digit) / key(digit);
}

}  // namespace

TEST_CASE("what was put is there, for this user alone") {
  Folder folder;
  system::RealFiles files;
  cache::Store store(folder.path + "/cache", files);
  CHECK_FALSE(store.get(key('a')));
  REQUIRE(store.put(key('a'), "bytes"));
  CHECK(store.get(key('a')) == "bytes");
  CHECK((fs::status(folder.path + "/cache").permissions() & fs::perms::all) == fs::perms::owner_all);
  store.remove(key('a'));
  CHECK_FALSE(store.get(key('a')));
}

TEST_CASE("inputs of what passed last are remembered by their place") {
  Folder folder;
  system::RealFiles files;
  cache::Store store(folder.path + "/cache", files);
  CHECK_FALSE(store.last("a"));
  REQUIRE(store.set_last("a", {{"file x\ny", "1", {}}, {"tool", "2", {}}}));
  auto last = store.last("a");
  REQUIRE(last);
  REQUIRE(last->size() == 2);
  CHECK((*last)[0].name == "file x\ny");
  CHECK((*last)[1].value == "2");
  CHECK_FALSE(store.last("b"));
}

TEST_CASE("what was not used for the longest time goes first") {
  Folder folder;
  system::RealFiles files;
  cache::Store store(folder.path + "/cache", files);
  const auto now = fs::file_time_type::clock::now();
  for (char digit : {'a', 'b', 'c'}) {
    REQUIRE(store.put(key(digit), std::string(1000, 'x')));
    fs::last_write_time(file_of(folder, digit), now - std::chrono::hours('d' - digit));
  }
  store.prune(3000);
  CHECK(fs::exists(file_of(folder, 'a')));
  REQUIRE(store.get(key('a')));  // now it was used last
  store.prune(2999);
  CHECK(fs::exists(file_of(folder, 'a')));
  CHECK_FALSE(fs::exists(file_of(folder, 'b')));
  CHECK(fs::exists(file_of(folder, 'c')));
}

TEST_CASE("a folder that cannot be written is told") {
  Folder folder;
  std::ofstream(folder.path + "/file") << "x";
  system::RealFiles files;
  cache::Store store(folder.path + "/file/cache", files);
  auto written = store.put(key('a'), "x");
  REQUIRE_FALSE(written);
  CHECK(written.error().code == base::Code::cannotWrite);
}
