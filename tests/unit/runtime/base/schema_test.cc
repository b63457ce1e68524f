#include "runtime/base/schema/schema.h"

#include <nlohmann/json.hpp>

#include "tests/catch.h"

using namespace msctl;
using base::Code;
using schema::Kind;

namespace {

schema::TypePtr format() {
  return schema::object({
      {"name", schema::scalar(Kind::label), "A name.", true},
      {"count", schema::integer(1, 9), "A count.", false, "1"},
      {"on", schema::scalar(Kind::boolean), "A switch."},
      {"after", schema::scalar(Kind::duration), "A time."},
      {"colour", schema::choice({"red", "green"}), "A colour."},
      {"who", schema::one_of({schema::text("none"), schema::list(schema::text())}), "Somebody."},
  });
}

base::Errors validate(const std::string& text) {
  base::Errors errors;
  schema::validate(yaml::parse("f", text).root, *format(), errors);
  return errors;
}

}  // namespace

TEST_CASE("what fits has no errors") {
  CHECK(validate("{name: a, count: 9, on: true, after: 5s, colour: red, who: none}").empty());
  CHECK(validate("{name: a, who: [x, y]}").empty());
}

TEST_CASE("everything wrong is reported in one go") {
  base::Errors errors = validate("count: 10\non: yes\nafter: 5\ncolour: gren\nwho: {}\nwhat: 1\n");
  std::vector<Code> codes;
  for (const base::Error& error : errors) codes.push_back(error.code);
  CHECK(codes == std::vector<Code>{Code::wrongValue, Code::wrongType, Code::wrongUnit, Code::wrongValue,
                                   Code::wrongType, Code::unknownKey, Code::missingKey});
  CHECK(errors[1].suggestion == "did you mean 'true'?");
  CHECK(errors[3].suggestion == "did you mean 'green'?");
}

TEST_CASE("a quoted number is text") {
  CHECK(validate("{name: a, count: \"3\"}").size() == 1);
}

TEST_CASE("the JSON Schema says the same") {
  auto document = schema::to_json_schema(*format());
  CHECK(document["additionalProperties"] == false);
  CHECK(document["required"] == nlohmann::ordered_json::array({"name"}));
  CHECK(document["properties"]["count"]["maximum"] == 9);
  CHECK(document["properties"]["who"]["oneOf"].size() == 2);
}
