#include "pipelines/image/registry/challenge.h"

#include "tests/catch.h"

using namespace msctl;
using image::parse_challenges;

TEST_CASE("challenges as registries send them") {
  const auto all = parse_challenges(
      R"(Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push")");
  REQUIRE(all.size() == 1);
  CHECK(all[0].scheme == "bearer");
  CHECK(all[0].value("realm") == "https://auth.example/token");
  CHECK(all[0].value("service") == "registry.example");
  CHECK(all[0].value("scope") == "repository:a/b:pull,push");
  CHECK(all[0].value("error").empty());
}

TEST_CASE("several in one field, with blanks, tokens and escapes") {
  const auto all =
      parse_challenges(R"(Negotiate, BASIC Realm = "a \"b\", c" , charset=UTF-8, bearer realm=x)");
  REQUIRE(all.size() == 3);
  CHECK(all[0].scheme == "negotiate");
  CHECK(all[1].scheme == "basic");
  CHECK(all[1].value("realm") == "a \"b\", c");
  CHECK(all[1].value("charset") == "UTF-8");
  CHECK(all[2].value("realm") == "x");
}

TEST_CASE("what is broken ends the list") {
  CHECK(parse_challenges("").empty());
  CHECK(parse_challenges("\"x\"").empty());
  CHECK(parse_challenges("Basic realm=\"open").size() <= 2);
}
