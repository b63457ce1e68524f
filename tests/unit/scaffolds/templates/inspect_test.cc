#include "scaffolds/templates/inspect.h"
#include "tests/catch.h"

using namespace msctl::scaffolds::templates;
using msctl::base::Code;

namespace {

Code code_of(const msctl::base::Result<void>& result) {
  REQUIRE(!result);
  return result.error().code;
}

Entry file(std::string path, std::uint64_t size = 1) {
  return {std::move(path), EntryKind::file, false, size, {}};
}

}  // namespace

TEST_CASE("paths that stay inside") {
  for (const char* path :
       {"a", "a/b.c", "..a", "a..b/...", ".github/x", ".gitignore", "übung/日本.md", "a b", "ab:c"})
    CHECK(check_path(path));
}

TEST_CASE("paths that lead outside") {
  for (const char* path :
       {"", "/", "/a", "..", "../a", "a/..", "a/../b", "./a", "a//b", "a/", "C:", "c:/a", "a/D:b"}) {
    INFO(path);
    CHECK(code_of(check_path(path)) == Code::templateOutside);
  }
}

TEST_CASE("what some file system takes for .git") {
  for (const char* path : {".git", ".GIT/config", "a/.Git", "git~1", "GIT~1", ".git ", ".git...", ".git:x",
                           ".git::$INDEX_ALLOCATION", ".g\u200cit", "\ufeff.git"}) {
    INFO(path);
    CHECK(code_of(check_path(path)) == Code::templateGit);
  }
  for (const char* name : {".gitignore", "git", "x.git", ".gita", "git~2"}) CHECK(!is_git_name(name));
}

TEST_CASE("names that deceive") {
  for (const char* path : {"a\nb", "a\tb", "a\x1b[0m", "a\x7f", "a\\b", "\xff", "a\xc3", "\xc0\xaf",
                           "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xc2\x85", "a\u202eb", "a\u2028"}) {
    INFO(shown(path));
    CHECK(code_of(check_path(path)) == Code::templateName);
  }
  CHECK(shown("a\n\xff\u00fc") == "a\\x0a\\xff\u00fc");
}

TEST_CASE("paths that clash") {
  CHECK(check_clashes({"a/b", "a/c", "ab", "a.b"}));
  for (const std::vector<std::string>& paths : std::vector<std::vector<std::string>>{
           {"a", "a"}, {"a", "A"}, {"a/b", "A/c"}, {"a", "a/b"}, {"a/b", "a"}, {"a/B/c", "a/b"}})
    CHECK(code_of(check_clashes(paths)) == Code::templateClash);
}

TEST_CASE("what is no file, and what is too much") {
  CHECK(code_of(inspect({{"a", EntryKind::link, false, 0, {}}})) == Code::templateNotFile);
  CHECK(code_of(inspect({{"a", EntryKind::submodule, false, 0, {}}})) == Code::templateNotFile);
  CHECK(code_of(inspect({{"a", EntryKind::other, false, 0, {}}})) == Code::templateNotFile);
  CHECK(inspect({file("a", 60'000'000), file("b", 40'000'000)}));
  CHECK(code_of(inspect({file("a", 60'000'000), file("b", 40'000'001)})) == Code::templateTooLarge);
  CHECK(code_of(inspect({file("a", ~0ULL), file("b", 2)})) == Code::templateTooLarge);
  std::vector<Entry> many;
  for (int i = 0; i < 10'000; ++i) many.push_back(file(std::to_string(i)));
  CHECK(inspect(many));
  many.push_back(file("more"));
  CHECK(code_of(inspect(many)) == Code::templateTooLarge);
}
