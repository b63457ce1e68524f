#include "cli/app/app.h"

#include <ostream>
#include <stdexcept>

#include "cli/arguments.h"
#include "cli/commands/catalogue.h"
#include "cli/output/document.h"
#include "tests/catch.h"
#include "tests/fakes/cli.h"

using namespace msctl;
using namespace msctl::cli;

namespace {

Outcome succeed(Context& context, const Arguments&) {
  output::print(context, {{"answer", 42}}, [](std::ostream& out) { out << "forty-two\n"; });
  return base::Exit::ok;
}

// One code of each exit status.
Outcome fail_with(Context&, const Arguments& arguments) {
  auto code = base::code_from(arguments.word("CODE"));
  return fail(base::fail(*code, "it failed", "try again").error());
}

Outcome drift(Context&, const Arguments&) {
  return base::Exit::changes;
}

Outcome break_down(Context&, const Arguments&) {
  throw std::runtime_error("a fault");
}

Outcome follow(Context& context, const Arguments&) {
  for (int i = 0; i < 2; ++i)
    output::print_line(context, {{"line", i}}, [&](std::ostream& out) { out << i << '\n'; });
  return fail(base::fail(base::Code::controlFailed, "gone").error());
}

Command describe_succeed() {
  return {.path = "succeed", .summary = "succeed", .run = succeed};
}
Command describe_fail() {
  return {.path = "fail", .summary = "fail", .arguments = {{.name = "CODE"}}, .run = fail_with};
}
Command describe_drift() {
  return {.path = "drift", .summary = "drift", .run = drift};
}
Command describe_break() {
  return {.path = "break", .summary = "break", .run = break_down};
}
Command describe_follow() {
  return {.path = "follow", .summary = "follow", .run = follow};
}

const Catalogue& some() {
  static const Catalogue all({{"succeed", describe_succeed},
                              {"fail", describe_fail},
                              {"drift", describe_drift},
                              {"break", describe_break},
                              {"follow", describe_follow}});
  return all;
}

fakes::Ran run(const std::vector<std::string>& words, std::map<std::string, std::string> environment = {}) {
  fakes::Shell shell;
  shell.environment = std::move(environment);
  return shell.run(some(), words);
}

}  // namespace

TEST_CASE("a result in three forms") {
  CHECK(run({"succeed"}).out == "forty-two\n");
  CHECK(run({"succeed", "-o", "json"}).json() ==
        nlohmann::ordered_json{{"schema", 1}, {"ok", true}, {"answer", 42}});
  CHECK(run({"succeed", "-o", "yaml"}).out == "schema: 1\nok: true\nanswer: 42\n");
  CHECK(run({"succeed"}, {{"MSCTL_OUTPUT", "yaml"}}).out == "schema: 1\nok: true\nanswer: 42\n");
}

TEST_CASE("an error is one document on stdout, or text on stderr") {
  auto json = run({"fail", "MSC2001", "-o", "json"});
  CHECK(json.status == 75);
  CHECK(json.err.empty());
  CHECK(json.json() ==
        nlohmann::ordered_json::parse(R"({"schema": 1, "ok": false, "errors": [{"code": "MSC2001",
    "message": "it failed", "file": "", "line": 0, "column": 0, "expected": "", "suggestion": "try again"}]})"));
  auto text = run({"fail", "MSC2001"});
  CHECK(text.out.empty());
  CHECK(text.err == "error[MSC2001]: it failed\n  help: try again\n");
}

TEST_CASE("exit statuses come from codes") {
  CHECK(run({"fail", "1001"}).status == 64);
  CHECK(run({"fail", "1012"}).status == 65);
  CHECK(run({"fail", "2002"}).status == 69);
  CHECK(run({"fail", "2030"}).status == 75);
  CHECK(run({"fail", "2050"}).status == 1);
  CHECK(run({"fail", "1042"}).status == 130);
  CHECK(run({"drift"}).status == 2);
}

TEST_CASE("a wrong command line keeps the form that was asked for, wherever -o stands") {
  for (const auto& words : std::vector<std::vector<std::string>>{{"suceed", "-o", "json"},
                                                                 {"-o", "json", "suceed"},
                                                                 {"succeed", "--wrong", "--output=json"},
                                                                 {"suceed", "-ojson"}}) {
    auto ran = run(words);
    CHECK(ran.status == 64);
    CHECK(ran.err.empty());
    CHECK(ran.json()["errors"][0]["code"] == "MSC1001");
  }
  CHECK(run({"succeed", "--wrong"}, {{"MSCTL_SUCCEED_OUTPUT", "json"}}).json()["ok"] == false);
}

TEST_CASE("an exception is a fault of msctl with a code, never a crash") {
  auto ran = run({"break"});
  CHECK(ran.status == 1);
  CHECK(ran.err.starts_with("error[MSC1099]: a fault"));
}

TEST_CASE("following output is one object a line, to the end") {
  auto ran = run({"follow", "-o", "json"});
  std::istringstream lines(ran.out);
  std::vector<nlohmann::json> objects;
  for (std::string line; std::getline(lines, line);) objects.push_back(nlohmann::json::parse(line));
  REQUIRE(objects.size() == 3);
  CHECK(objects[1]["line"] == 1);
  CHECK(objects[2]["errors"][0]["code"] == "MSC2040");
  CHECK(run({"follow", "-o", "yaml"}).out.starts_with("---\nline: 0\n---\nline: 1\n---\nschema: 1\n"));
}

TEST_CASE("colours: the flag, then NO_COLOR, CLICOLOR_FORCE, TERM, and the terminal") {
  auto coloured = [](std::map<std::string, std::string> environment, bool terminal,
                     std::vector<std::string> more = {}) {
    fakes::Shell shell;
    shell.environment = std::move(environment);
    shell.terminal.err = terminal;
    std::vector<std::string> words{"fail", "1012"};
    words.insert(words.end(), more.begin(), more.end());
    return shell.run(some(), words).err.find('\x1b') != std::string::npos;
  };
  CHECK(coloured({}, true));
  CHECK_FALSE(coloured({}, false));
  CHECK_FALSE(coloured({{"NO_COLOR", "1"}}, true));
  CHECK(coloured({{"NO_COLOR", ""}}, true));
  CHECK(coloured({{"CLICOLOR_FORCE", "1"}}, false));
  CHECK_FALSE(coloured({{"CLICOLOR_FORCE", "0"}}, false));
  CHECK_FALSE(coloured({{"NO_COLOR", "1"}, {"CLICOLOR_FORCE", "1"}}, true));
  CHECK_FALSE(coloured({{"TERM", "dumb"}}, true));
  CHECK(coloured({{"NO_COLOR", "1"}}, false, {"--color=always"}));
  CHECK_FALSE(coloured({}, true, {"--color", "never"}));
  CHECK_FALSE(coloured({{"MSCTL_COLOR", "never"}}, true));
}

TEST_CASE("-C must name a folder") {
  CHECK(run({"-C", "/nowhere/at/all", "succeed"}).status == 64);
  CHECK(run({"-C", "/tmp", "succeed"}).status == 0);
}

TEST_CASE("every command describes itself wholly") {
  for (const Command& command : commands::catalogue().all()) {
    INFO(command.path);
    CHECK_FALSE(command.summary.empty());
    CHECK_FALSE(command.summary.ends_with('.'));
    CHECK_FALSE(command.description.empty());
    if (command.is_group()) continue;
    CHECK_FALSE(command.examples.empty());
    std::string letters = "oCh";
    for (const Flag& flag : command.flags) {
      INFO(flag.name);
      CHECK_FALSE(flag.doc.empty());
      CHECK_FALSE(flag.doc.ends_with('.'));
      CHECK((flag.kind != Kind::choice || !flag.choices.empty()));
      for (const Flag& common : common_flags()) CHECK(flag.name != common.name);
      if (flag.letter) {
        CHECK(letters.find(flag.letter) == std::string::npos);
        letters += flag.letter;
      }
    }
    for (std::size_t i = 0; i + 1 < command.arguments.size(); ++i) CHECK_FALSE(command.arguments[i].many);
    for (const Example& example : command.examples) CHECK(example.line.find("msctl ") != std::string::npos);
  }
}

TEST_CASE("help is there for every command, and names its flags") {
  for (const Command& command : commands::catalogue().all()) {
    INFO(command.path);
    std::vector<std::string> words;
    std::istringstream path(command.path);
    for (std::string word; path >> word;) words.push_back(word);
    words.emplace_back("--help");
    fakes::Shell shell;
    auto ran = shell.run(commands::catalogue(), words);
    CHECK(ran.status == 0);
    CHECK(ran.err.empty());
    for (const Flag& flag : command.flags) CHECK(ran.out.find("--" + flag.name) != std::string::npos);
    std::istringstream lines(ran.out);
    for (std::string line; std::getline(lines, line);) CHECK(line.find_last_not_of(' ') + 1 == line.size());
  }
}
