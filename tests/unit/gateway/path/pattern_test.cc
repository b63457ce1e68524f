#include "gateway/path/pattern.h"

#include "tests/catch.h"

using msctl::gateway::path::parse_pattern;

TEST_CASE("patterns are split into segments") {
  auto exact = parse_pattern("/a/b");
  REQUIRE(exact);
  CHECK(exact->segments.size() == 2);
  CHECK_FALSE(exact->prefix);
  auto with = parse_pattern("/orders/{id}/items/{item-id}");
  REQUIRE(with);
  CHECK(with->parameter_count() == 2);
  CHECK(with->segments[3].text == "item-id");
  auto prefix = parse_pattern("/a/**");
  REQUIRE(prefix);
  CHECK(prefix->prefix);
  CHECK(prefix->segments.size() == 1);
  CHECK(parse_pattern("/**")->segments.empty());
  CHECK(parse_pattern("/")->segments.size() == 1);
  CHECK(parse_pattern("/a/")->segments.size() == 2);
}

TEST_CASE("patterns that nothing can match are refused, with the cure where there is one") {
  CHECK(parse_pattern("orders").error().suggestion == "write '/orders'");
  CHECK(parse_pattern("/a/../b").error().suggestion == "write '/b'");
  CHECK(parse_pattern("/%61").error().suggestion == "write '/a'");
  for (auto text :
       {"",       "/a*",        "/*",    "/a/**/b", "/**/a",  "/a**", "/{",   "/{}",   "/{a b}", "/x{id}",
        "/{id}x", "/{id}/{id}", "/a//b", "/a//**",  "/a%2fb", "/a;b", "/a b", "/../a", "/a?b=1", "/{1}"}) {
    INFO(text);
    CHECK_FALSE(parse_pattern(text));
  }
}
