#include "scaffolds/templates/values.h"
#include "scaffolds/templates/template.h"
#include "tests/catch.h"

using namespace msctl::scaffolds;
using namespace msctl::scaffolds::templates;
using msctl::base::Code;

namespace {

constexpr const char* sample = R"(title: T
language: none
name: sample-service
variables:
  currency: {sentinel: SAMPLE_CURRENCY, description: D, default: EUR, pattern: "[A-Z]{3}"}
  port: {type: integer, sentinel: "18081", description: P, minimum: 1, maximum: 65535}
  debug: {type: boolean, sentinel: sample_debug, description: B}
  region: {type: choice, sentinel: sample-region, description: R, choices: [eu, us], default: eu}
)";

std::expected<Description, msctl::base::Errors> parse(std::string text) {
  return parse_description("template.yaml", std::move(text), {"go"});
}

std::string with(std::string from, std::string_view to) {
  std::string out = sample;
  out.replace(out.find(from), from.size(), to);
  return out;
}

}  // namespace

TEST_CASE("a description is read") {
  auto description = parse(sample);
  REQUIRE(description);
  REQUIRE(description->variables.size() == 4);
  CHECK(description->variables[0].type == Variable::Type::text);
  CHECK(description->variables[0].fallback == "EUR");
  CHECK(description->variables[1].maximum == 65535);
  CHECK(description->variables[3].choices == std::vector<std::string>{"eu", "us"});
}

TEST_CASE("a wrong description is told with its place") {
  auto first = [](const std::string& text) {
    INFO(text);
    auto parsed = parse(text);
    REQUIRE(!parsed);
    return parsed.error().front();
  };
  CHECK(first(with("language: none", "language: cobol")).code == Code::wrongValue);
  CHECK(first(with("name: sample-service\n", "")).code == Code::missingKey);
  CHECK(first(with("sentinel: sample_debug, ", "")).at.line == 7);
  CHECK(first(with("currency:", "1x:")).code == Code::badName);
  CHECK(first(with("sample_debug", "sampleService")).code == Code::wrongValue);
  CHECK(first(with("sample_debug", "SAMPLE_CURRENCY")).code == Code::wrongValue);
  CHECK(first(with("sample_debug", "ab")).code == Code::wrongValue);
  CHECK(first(with("sample_debug", "a b")).code == Code::wrongValue);
  CHECK(first(with("description: B", "description: B, choices: [a]")).at.line == 7);
  CHECK(first(with("default: eu", "default: asia")).at.line == 8);
}

TEST_CASE("values from settings and defaults") {
  const Description description = *parse(sample);
  auto values = given_values(description, {"port=99", "debug=true", "port=100"});
  REQUIRE(values);
  CHECK(*values == Values{{"currency", "EUR"}, {"debug", "true"}, {"port", "100"}, {"region", "eu"}});
  CHECK(missing(description, *values).empty());

  auto none = given_values(description, {});
  REQUIRE(missing(description, *none).size() == 2);
  const auto error = missing_values(missing(description, *none));
  CHECK(error.message == "no value for port, debug");
  CHECK(error.notes.size() == 2);
}

TEST_CASE("values that do not fit") {
  const Description description = *parse(sample);
  for (const char* wrong : {"port=0", "port=65536", "port=1x", "port=", "port=99999999999999999999",
                            "debug=1", "region=asia", "currency=eur", "currency=EURO"}) {
    INFO(wrong);
    auto values = given_values(description, {wrong});
    REQUIRE(!values);
    CHECK(values.error().front().code == Code::templateVariable);
  }
  CHECK(given_values(description, {"prot=1"}).error().front().suggestion == "did you mean 'port'?");
  CHECK(given_values(description, {"prot=1", "x"}).error().size() == 2);
}

TEST_CASE("a value is put in once, and never renamed again") {
  Template source{*parse(sample), {}, {}};
  source.files["service.yaml"].content = "service: sample-service\nlanguage: none\n";
  source.files["18081/x"].content = "SAMPLE_CURRENCY sample-region sample-service-2 SampleServiceTest";
  auto tree = render(source, {"orders", {}, {}}, {{"currency", "18081"}, {"region", "sample-service"}});
  REQUIRE(tree);
  CHECK(tree->at("18081/x").content == "18081 sample-service orders-2 OrdersTest");
}
