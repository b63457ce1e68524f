#include "runtime/base/codes.h"

#include <set>

#include "tests/catch.h"

using namespace msctl::base;

TEST_CASE("every code explains itself, and no number stands for two") {
  std::set<Code> numbers;
  for (const CodeInfo& code : all_codes()) {
    INFO(to_string(code.code));
    CHECK(numbers.insert(code.code).second);
    CHECK_FALSE(code.title.empty());
    CHECK_FALSE(code.cause.empty());
    CHECK_FALSE(code.cure.empty());
    CHECK(code.cause.ends_with('.'));
    CHECK(code.cure.ends_with('.'));
    CHECK(code_from(to_string(code.code)) == code.code);
  }
}

TEST_CASE("codes are found as people type them") {
  CHECK(code_from("MSC1012") == Code::unknownKey);
  CHECK(code_from("msc1012") == Code::unknownKey);
  CHECK(code_from("1012") == Code::unknownKey);
  CHECK_FALSE(code_from("MSC9999"));
  CHECK_FALSE(code_from("MSC"));
  CHECK_FALSE(code_from("1012x"));
}
