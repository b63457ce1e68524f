#include "gateway/path/normalise.h"

#include <string>
#include <vector>

#include "tests/catch.h"

using namespace msctl::gateway;
using path::Fault;

namespace {

std::string normal(std::string_view text) {
  std::vector<char> scratch(path::room(text.size()) + 1);
  auto result = path::normalise(text, scratch);
  return result ? std::string(*result) : "refused: " + std::string(path::describe(result.error()));
}

Fault fault(std::string_view text) {
  std::vector<char> scratch(path::room(text.size()) + 1);
  auto result = path::normalise(text, scratch);
  INFO(text << " became " << (result ? *result : std::string_view()));
  REQUIRE_FALSE(result);
  return result.error();
}

struct Case {
  std::string_view from, to;
};

}  // namespace

TEST_CASE("paths are brought into one form") {
  auto each = GENERATE(values<Case>({
      {"/", "/"},
      {"/a/b.c/d-e_f~g", "/a/b.c/d-e_f~g"},
      {"/a!$&'()*+,=:@b", "/a!$&'()*+,=:@b"},
      {"/a/...", "/a/..."},
      {"/.a/..b", "/.a/..b"},
      {"/%61%7E%2D%5f", "/a~-_"},    // RFC 3986 §6.2.2.2: unreserved characters
      {"/%e4%bd%a0", "/%E4%BD%A0"},  // §6.2.2.1: capital digits
      {"/a%20b", "/a%20b"},
      {"/%21%40%3A%2C", "/!@:,"},  // one form for what may stand raw
      {"/1+1%2b1", "/1+1%2B1"},    // but '+' is not touched
      {"/a[1]{x}|^`\"<>", "/a%5B1%5D%7Bx%7D%7C%5E%60%22%3C%3E"},
      {"/a/b/c/./../../g", "/a/g"},  // RFC 3986 §5.2.4
      {"/mid/content=5/../6", "/mid/6"},
      {"/a/./b/", "/a/b/"},
      {"/a/.", "/a/"},
      {"/a/..", "/"},
      {"/.", "/"},
      {"/./", "/"},
      {"/a/b/..", "/a/"},
      {"/a/b/../", "/a/"},
      {"/a/%2e%2E/b", "/b"},
      {"/a/.%2e/b", "/b"},
      {"/a/%2e/b", "/a/b"},
      {"/100%25", "/100%25"},
      {"/100%25ab", "/100%25ab"},
      {"/a%2520b", "/a%2520b"},
  }));
  CHECK(normal(each.from) == each.to);
  CHECK(normal(each.to) == each.to);
}

TEST_CASE("a path that is normal already is not copied") {
  std::string text = "/orders/17/items.json";
  CHECK(path::normalise(text, {})->data() == text.data());
}

TEST_CASE("paths that upstreams read in different ways are refused") {
  struct Refused {
    std::string_view path;
    Fault fault;
  };
  auto each = GENERATE(values<Refused>({
      {"", Fault::not_absolute},
      {"a/b", Fault::not_absolute},
      {"/a b", Fault::bad_character},
      {"/a\tb", Fault::bad_character},
      {"/a#b", Fault::bad_character},
      {"/\xc3\xa4", Fault::bad_character},
      {"/a\x7f", Fault::bad_character},
      {"/a\\b", Fault::backslash},
      {"/..\\admin", Fault::backslash},
      {"/a%5cb", Fault::backslash},
      {"/a%5Cb", Fault::backslash},
      {"/a%2fb", Fault::encoded_slash},
      {"/a%2Fb", Fault::encoded_slash},
      {"/..%2fadmin", Fault::encoded_slash},
      {"/a%00b", Fault::encoded_control},
      {"/a%0d%0aX:1", Fault::encoded_control},
      {"/a%7f", Fault::encoded_control},
      {"/a%", Fault::bad_escape},
      {"/a%4", Fault::bad_escape},
      {"/a%zz", Fault::bad_escape},
      {"/a%u0041", Fault::bad_escape},
      {"/%c0%af", Fault::bad_utf8},  // overlong '/'
      {"/%e0%80%af", Fault::bad_utf8},
      {"/%f0%80%80%af", Fault::bad_utf8},
      {"/%c0%ae%c0%ae/", Fault::bad_utf8},  // overlong ".."
      {"/%ed%a0%80", Fault::bad_utf8},      // a surrogate
      {"/%f4%90%80%80", Fault::bad_utf8},   // beyond Unicode
      {"/%ff", Fault::bad_utf8},
      {"/%c3", Fault::bad_utf8},
      {"/%c3a", Fault::bad_utf8},
      {"/%c3/%a4", Fault::bad_utf8},
      {"/..", Fault::above_root},
      {"/../a", Fault::above_root},
      {"/a/../../b", Fault::above_root},
      {"/%2e%2e/a", Fault::above_root},
      {"//", Fault::empty_segment},
      {"//a", Fault::empty_segment},
      {"/a//b", Fault::empty_segment},
      {"/a/.//b", Fault::empty_segment},
      {"/a;x=1", Fault::semicolon},
      {"/..;/admin", Fault::semicolon},
      {"/a/..;x/b", Fault::semicolon},
      {"/a%3bx", Fault::semicolon},
      {"/a%252fb", Fault::double_encoding},
      {"/a%255cb", Fault::double_encoding},
      {"/%252e%252e/a", Fault::double_encoding},
      {"/a%2500", Fault::double_encoding},
      {"/a%250a", Fault::double_encoding},
      {"/a%25252f", Fault::double_encoding},
      {"/a%253b", Fault::double_encoding},
      {"/a%25%32%66", Fault::double_encoding},  // escapes that become digits
      {"/a%252%66", Fault::double_encoding},
  }));
  CHECK(static_cast<int>(fault(each.path)) == static_cast<int>(each.fault));
}

TEST_CASE("the normal form of any short spelling is a fixed point and holds no dot segments") {
  // Every string of up to five pieces from those that matter.
  const std::vector<std::string> pieces{"/", ".", "a", "%2e", "%25", "2", "f"};
  std::vector<std::string> all{"/"};
  for (std::size_t begin = 0, round = 0; round < 5; ++round) {
    std::size_t end = all.size();
    for (; begin < end; ++begin)
      for (const std::string& piece : pieces) all.push_back(all[begin] + piece);
  }
  std::size_t accepted = 0;
  for (const std::string& text : all) {
    std::string once = normal(text);
    if (once.starts_with("refused")) continue;
    ++accepted;
    INFO(text);
    REQUIRE(normal(once) == once);
    REQUIRE((once + "/").find("/../") == std::string::npos);
    REQUIRE((once + "/").find("/./") == std::string::npos);
    REQUIRE(once.find("//") == std::string::npos);
    REQUIRE(once.find("%252f") == std::string::npos);
  }
  CHECK(accepted > 1000);
}

TEST_CASE("queries stay as they are, if they are queries") {
  CHECK(path::valid_query(""));
  CHECK(path::valid_query("a=1&b=%2F%00&c=[x]{y}|z\\'\"<>?/"));
  CHECK_FALSE(path::valid_query("a b"));
  CHECK_FALSE(path::valid_query("a#b"));
  CHECK_FALSE(path::valid_query("a=%"));
  CHECK_FALSE(path::valid_query("a=%g1"));
  CHECK_FALSE(path::valid_query("a=\xff"));
  CHECK_FALSE(path::valid_query(std::string_view("a\0b", 3)));
}
