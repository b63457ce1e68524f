#include "cli/app/parse.h"

#include <map>

#include "tests/catch.h"

using namespace msctl;
using namespace msctl::cli;

namespace {

Outcome done(Context&, const Arguments&) {
  return base::Exit::ok;
}

Command describe_group() {
  return {.path = "box", .summary = "boxes"};
}

Command describe_fill() {
  return {.path = "box fill",
          .summary = "fill",
          .arguments = {{.name = "SERVICE", .kind = Kind::service, .required = false, .many = true}},
          .flags = {{.name = "follow", .letter = 'f', .doc = "follow"},
                    {.name = "since", .letter = 's', .value = "D", .kind = Kind::duration, .doc = "since"},
                    {.name = "replicas",
                     .value = "N",
                     .kind = Kind::integer,
                     .fallback = "1",
                     .minimum = 0,
                     .maximum = 9},
                    {.name = "affected", .value = "BASE", .optional = true, .implied = "origin/HEAD"},
                    {.name = "with", .value = "LANG", .commas = true},
                    {.name = "header", .letter = 'H', .value = "FIELD", .many = true},
                    {.name = "no-build"},
                    {.name = "verbose", .letter = 'v', .everywhere = true}},
          .run = done};
}

Command describe_scale() {
  return {.path = "scale",
          .summary = "scale",
          .arguments = {{.name = "SERVICE=N", .kind = Kind::service_count, .many = true}},
          .run = done};
}

Command describe_make() {
  return {.path = "make",
          .summary = "make",
          .flags = {{.name = "language",
                     .value = "L",
                     .kind = Kind::choice,
                     .choices = {"go", "cpp"},
                     .required = true}},
          .run = done};
}

const Catalogue& catalogue() {
  static const Catalogue all({{"box", describe_group},
                              {"box fill", describe_fill},
                              {"scale", describe_scale},
                              {"make", describe_make}});
  return all;
}

app::Parsed parse(const std::vector<std::string>& words,
                  const std::map<std::string, std::string>& environment = {}) {
  return app::parse(catalogue(), words, [&](const std::string& name) -> std::optional<std::string> {
    auto found = environment.find(name);
    if (found == environment.end()) return std::nullopt;
    return found->second;
  });
}

std::string error_of(const std::vector<std::string>& words,
                     const std::map<std::string, std::string>& environment = {}) {
  auto parsed = parse(words, environment);
  return parsed.errors.empty() ? "" : parsed.errors.front().message;
}

}  // namespace

TEST_CASE("flags and arguments may be mixed") {
  auto parsed = parse({"box", "fill", "a", "-f", "b", "--since", "5s", "c"});
  REQUIRE(parsed.errors.empty());
  CHECK(parsed.path == "box fill");
  CHECK(parsed.arguments.words("SERVICE") == std::vector<std::string>{"a", "b", "c"});
  CHECK(parsed.arguments.on("follow"));
  CHECK(parsed.arguments.duration("since") == std::chrono::seconds(5));
}

TEST_CASE("the ways to give a value are those of getopt_long") {
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"--since", "5s"}, {"--since=5s"}, {"-s", "5s"}, {"-s5s"}, {"-fs", "5s"}, {"-fs5s"}}) {
    std::vector<std::string> line{"box", "fill"};
    line.insert(line.end(), words.begin(), words.end());
    auto parsed = parse(line);
    REQUIRE(parsed.errors.empty());
    CHECK(parsed.arguments.text("since") == "5s");
  }
}

TEST_CASE("a value may be empty or begin with a dash") {
  CHECK(parse({"box", "fill", "--header=", "x"}).arguments.list("header") == std::vector<std::string>{""});
  CHECK(parse({"box", "fill", "--header", "-x"}).arguments.list("header") == std::vector<std::string>{"-x"});
  CHECK(parse({"box", "fill", "--header="}).arguments.given("header"));
}

TEST_CASE("an optional value is taken only with '='") {
  auto without = parse({"box", "fill", "--affected", "orders"});
  CHECK(without.arguments.text("affected") == "origin/HEAD");
  CHECK(without.arguments.words("SERVICE") == std::vector<std::string>{"orders"});
  CHECK(parse({"box", "fill", "--affected=main"}).arguments.text("affected") == "main");
  CHECK_FALSE(parse({"box", "fill"}).arguments.given("affected"));
}

TEST_CASE("two dashes end the flags") {
  auto parsed = parse({"box", "fill", "--", "-f", "--since"});
  REQUIRE(parsed.errors.empty());
  CHECK(parsed.arguments.words("SERVICE") == std::vector<std::string>{"-f", "--since"});
  CHECK_FALSE(parsed.arguments.on("follow"));
}

TEST_CASE("lists: repeated flags and commas") {
  CHECK(parse({"box", "fill", "-H", "a: b", "-H", "c: d"}).arguments.list("header") ==
        std::vector<std::string>{"a: b", "c: d"});
  CHECK(parse({"box", "fill", "--with", "go,cpp", "--with=python"}).arguments.list("with") ==
        std::vector<std::string>{"go", "cpp", "python"});
  CHECK(parse({"box", "fill", "--since=1s", "--since=2s"}).arguments.text("since") == "2s");
}

TEST_CASE("flag over the command's variable over the common one over the default") {
  std::map<std::string, std::string> both{{"MSCTL_BOX_FILL_VERBOSE", "no"}, {"MSCTL_VERBOSE", "1"}};
  CHECK(parse({"box", "fill", "-v"}, both).arguments.on("verbose"));
  CHECK_FALSE(parse({"box", "fill"}, both).arguments.on("verbose"));
  CHECK(parse({"box", "fill"}, {{"MSCTL_VERBOSE", "1"}}).arguments.on("verbose"));
  CHECK(parse({"box", "fill"}, {{"MSCTL_BOX_FILL_NO_BUILD", "true"}}).arguments.on("no-build"));
  CHECK_FALSE(parse({"box", "fill"}, {{"MSCTL_NO_BUILD", "true"}}).arguments.on("no-build"));
  CHECK(parse({"box", "fill"}, {{"MSCTL_BOX_FILL_WITH", "go,cpp"}}).arguments.list("with").size() == 2);
  CHECK(parse({"box", "fill"}, {{"MSCTL_BOX_FILL_REPLICAS", ""}}).arguments.integer("replicas") == 1);
  CHECK(parse({"box", "fill"}, {{"MSCTL_OUTPUT", "json"}}).arguments.text("output") == "json");
}

TEST_CASE("a wrong value names the flag or the variable") {
  CHECK(error_of({"box", "fill", "--replicas", "many"}) == "--replicas does not take 'many'");
  CHECK(error_of({"box", "fill", "--replicas", "10"}) == "--replicas does not take '10'");
  CHECK(parse({"box", "fill", "--replicas", "10"}).errors.front().expected == "a whole number from 0 to 9");
  CHECK(error_of({"box", "fill"}, {{"MSCTL_BOX_FILL_REPLICAS", "x"}}) ==
        "MSCTL_BOX_FILL_REPLICAS does not take 'x'");
  CHECK(error_of({"box", "fill", "-s5"}).starts_with("-s does not take '5'"));
  CHECK(error_of({"box", "fill", "-o", "xml"}) == "-o does not take 'xml'");
  CHECK(error_of({"box", "fill", "--follow=perhaps"}) == "--follow does not take 'perhaps'");
  CHECK(error_of({"scale", "a=-1"}) == "SERVICE=N does not take 'a=-1'");
  CHECK(error_of({"scale", "=1"}) == "SERVICE=N does not take '=1'");
}

TEST_CASE("what is not known is told with what was probably meant") {
  auto flag = parse({"box", "fill", "--folow"});
  REQUIRE(flag.errors.size() == 1);
  CHECK(flag.errors[0].message == "unknown flag --folow");
  CHECK(flag.errors[0].suggestion == "did you mean '--follow'?");
  auto command = parse({"scael", "a=1"});
  REQUIRE(command.errors.size() == 1);
  CHECK(command.errors[0].message == "'scael' is not a command of msctl");
  CHECK(command.errors[0].suggestion == "did you mean 'scale'?");
  CHECK(parse({"box", "fil"}).errors[0].suggestion == "did you mean 'fill'?");
  CHECK(error_of({"box", "fill", "-fx"}) == "unknown flag -x in '-fx'");
}

TEST_CASE("flags are not abbreviated") {
  CHECK(error_of({"box", "fill", "--foll"}) == "unknown flag --foll");
}

TEST_CASE("what is missing or too much") {
  CHECK(error_of({"scale"}) == "SERVICE=N is missing");
  CHECK(error_of({"box", "fill", "--since"}) == "--since needs a value");
  CHECK(parse({"box", "fill", "-o"}).errors[0].expected == "table, json or yaml");
}

TEST_CASE("a required flag may come from the environment, but must come") {
  CHECK(error_of({"make"}) == "--language is missing");
  CHECK(parse({"make"}).errors.front().expected == "go or cpp");
  CHECK(error_of({"make"}, {{"MSCTL_MAKE_LANGUAGE", "go"}}).empty());
  CHECK(parse({"make", "--help"}).errors.empty());
}

TEST_CASE("every error of the line is told at once") {
  CHECK(parse({"box", "fill", "--folow", "--replicas=x", "-s"}).errors.size() == 3);
}

TEST_CASE("common flags may stand before the command, its own may not") {
  auto parsed = parse({"-o", "json", "box", "-C", "/tmp", "fill"});
  REQUIRE(parsed.errors.empty());
  CHECK(parsed.arguments.text("output") == "json");
  CHECK(parsed.arguments.text("directory") == "/tmp");
  CHECK(error_of({"--follow", "box", "fill"}) == "unknown flag --follow");
}

TEST_CASE("help wins over what is wrong") {
  auto parsed = parse({"scale", "--help"});
  CHECK(parsed.help);
  CHECK(parsed.errors.empty());
}
