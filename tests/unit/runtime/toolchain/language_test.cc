#include "runtime/toolchain/language.h"

#include "tests/catch.h"

using namespace msctl;
using toolchain::Argv;
using toolchain::parse_language;

TEST_CASE("a description is read whole") {
  auto language = parse_language("go/language.yaml", R"(language: go
title: Go
requires:
  - {command: go, version: [go, version], atLeast: "1.22", debian: golang-go, why: compiles}
  - {command: gofmt, debian: [a, b]}
build: [[go, build], [strip, x]]
run: [./x]
test: [[go, test]]
junit: {arguments: [--junit, out.xml], file: out.xml}
needsRedis: true
perNeed: [a.go]
)");
  REQUIRE(language);
  CHECK(language->name == "go");
  CHECK(language->build == std::vector<Argv>{{"go", "build"}, {"strip", "x"}});
  CHECK(language->run == Argv{"./x"});
  CHECK(language->requirements.at(0).at_least == "1.22");
  CHECK(language->requirements.at(0).debian == Argv{"golang-go"});
  CHECK(language->requirements.at(1).debian == Argv{"a", "b"});
  CHECK(language->junit.file == "out.xml");
  CHECK(language->needs_redis);
  CHECK(language->per_need == Argv{"a.go"});
  CHECK(language->lint.empty());
}

TEST_CASE("an empty junit map means that there is none") {
  auto language = parse_language("x", "language: x\ntitle: X\nrun: [x]\ntest: [[x]]\njunit: {}\n");
  REQUIRE(language);
  CHECK(language->junit.file.empty());
}

TEST_CASE("a wrong description is refused with its place") {
  auto unknown =
      parse_language("go/language.yaml", "language: go\ntitle: Go\nrun: [x]\ntest: [[x]]\nbiuld: []\n");
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == base::Code::unknownKey);
  CHECK(unknown.error().at.line == 5);
  auto missing = parse_language("go/language.yaml", "language: go\n");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == base::Code::missingKey);
}
