#include "runtime/base/error.h"

#include <nlohmann/json.hpp>

#include "tests/catch.h"

using namespace msctl::base;

TEST_CASE("an error's text shows the place, the line and a caret") {
  Error error{Code::unknownKey, "unknown key 'nedes'",   {"services/a/service.yaml", 3, 1, 5, "nedes: [b]"},
              "needs",          "did you mean 'needs'?", {}};
  CHECK(to_text(error) ==
        "services/a/service.yaml:3:1: error[MSC1012]: unknown key 'nedes'\n"
        "    nedes: [b]\n"
        "    ^~~~~\n"
        "  expected: needs\n"
        "  help: did you mean 'needs'?\n");
}

TEST_CASE("an error's document has all seven keys") {
  auto document = to_json(Error{Code::noWorkspace, "no", {}, {}, {}, {}});
  CHECK(document.size() == 7);
  CHECK(document["code"] == "MSC1003");
  CHECK(document["line"] == 0);
}

TEST_CASE("errors come by file, then line; equal ones once; the first decides the exit status") {
  Errors errors{{Code::unknownNeed, "b", {"z.yaml", 1, 1, 1, ""}, "", "", {}},
                {Code::unknownKey, "a", {"a.yaml", 9, 1, 1, ""}, "", "", {}},
                {Code::unknownKey, "a", {"a.yaml", 2, 1, 1, ""}, "", "", {}},
                {Code::unknownKey, "a", {"a.yaml", 2, 1, 1, ""}, "", "", {}}};
  sort_errors(errors);
  REQUIRE(errors.size() == 3);
  CHECK(errors[0].at.line == 2);
  CHECK(errors[2].at.file == "z.yaml");
  CHECK(exit_for(errors) == Exit::config);
  CHECK(exit_for({}) == Exit::failed);
}
