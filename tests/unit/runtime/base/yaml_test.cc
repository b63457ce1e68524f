#include <nlohmann/json.hpp>

#include "runtime/base/yaml/node.h"
#include "runtime/base/yaml/write.h"
#include "tests/catch.h"

using namespace msctl;
using nlohmann::ordered_json;

TEST_CASE("nodes know where they stood") {
  yaml::Document document = yaml::parse("f.yaml", "a: 1\nb:\n  - x\n  - {c: \"d\"}\n");
  REQUIRE(document.errors.empty());
  const yaml::Node* b = document.root.find("b");
  REQUIRE(b != nullptr);
  CHECK(b->items[1].find("c")->line == 4);
  CHECK(b->items[1].find("c")->column == 9);
  CHECK(b->items[1].find("c")->quoted);
  CHECK_FALSE(document.root.find("a")->quoted);
  CHECK(b->items[0].location().text == "  - x");
}

TEST_CASE("the second of two equal keys is an error, each time") {
  yaml::Document document = yaml::parse("f.yaml", "a: 1\nb: 2\na: 3\nc: {d: 1, d: 2}\n");
  REQUIRE(document.errors.size() == 2);
  CHECK(document.errors[0].code == base::Code::duplicateKey);
  CHECK(document.errors[0].at.line == 3);
  CHECK(document.errors[1].at.line == 4);
}

TEST_CASE("one error of syntax a file, with its place") {
  yaml::Document document = yaml::parse("f.yaml", "a: [1, 2\nb: 3\n");
  REQUIRE(document.errors.size() == 1);
  CHECK(document.errors[0].code == base::Code::yamlSyntax);
  CHECK(document.errors[0].at.line >= 1);
  CHECK(yaml::parse("f.yaml", "a: 1\n---\nb: 2\n").errors.size() == 1);
  CHECK(yaml::parse("f.yaml", "").root.is_null());
}

TEST_CASE("anchors expand, and a billion laughs do not") {
  yaml::Document document = yaml::parse("f.yaml", "a: &x {k: 1}\nb: *x\n");
  REQUIRE(document.errors.empty());
  CHECK(document.root.find("b")->find("k")->scalar == "1");
  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    std::string previous = "*a" + std::to_string(i - 1);
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) laughs += (j ? ", " : "") + previous;
    laughs += "]\n";
  }
  CHECK(yaml::parse("f.yaml", laughs).errors.size() == 1);
  CHECK(yaml::parse("f.yaml", std::string(5000, '[')).errors.size() == 1);
}

TEST_CASE("an alias without its anchor, and bytes that are no text, have a place") {
  base::Error alias = yaml::parse("f.yaml", "a: &x 1\nb: *y\n").errors.at(0);
  CHECK(alias.code == base::Code::yamlSyntax);
  CHECK(alias.message.find("&y") != std::string::npos);
  CHECK(alias.at.line == 2);
  CHECK(alias.at.column == 4);
  // An anchor stands from the end of its node on.
  CHECK(yaml::parse("f.yaml", "a: &x [*x]\n").errors.size() == 1);
  base::Error bytes = yaml::parse("f.yaml", "a: 1\nb: \xff\n").errors.at(0);
  CHECK(bytes.at.line == 2);
  CHECK(bytes.at.column == 4);
  CHECK(yaml::parse("f.yaml", std::string("a: \0b\n", 7)).errors.at(0).at.column == 4);
}

TEST_CASE("what is not ended is told with its beginning") {
  base::Error error = yaml::parse("f.yaml", "a: [1,\n  2\nb: 3\n").errors.at(0);
  REQUIRE(error.notes.size() == 1);
  CHECK(error.notes[0].find("line 1, column 4") != std::string::npos);
}

TEST_CASE("columns count characters") {
  CHECK(yaml::parse("f.yaml", "é: {ü: x}\n").root.find("é")->find("ü")->column == 8);
}

TEST_CASE("merging goes key by key, and replaces lists whole") {
  yaml::Node under = yaml::parse("u", "a: {x: 1, y: 2}\nl: [1, 2]\n").root;
  yaml::merge(under, yaml::parse("o", "a: {y: 3, z: 4}\nl: [9]\n").root);
  CHECK(under.find("a")->find("x")->scalar == "1");
  CHECK(under.find("a")->find("y")->scalar == "3");
  CHECK(under.find("a")->find("y")->source->name == "o");
  CHECK(under.find("l")->items.size() == 1);
}

TEST_CASE("what a reader would take for something else is quoted") {
  for (const char* text :
       {"yes",  "No", "0755", "1e3", "null", "~",   "12:30:00", "true",  "-",    "- a",        "a: b",
        "a #b", "*x", "&x",   "!x",  "%x",   "@x",  "`x",       " a",    "a ",   "{a",         "[a",
        "0x1f", ".5", "+1",   "a:",  "",     "---", "=",        "1_000", ".inf", "2026-01-31", "a\tb"}) {
    INFO(text);
    std::string written = yaml::scalar(text);
    CHECK(written.front() == '"');
    CHECK(yaml::parse("f", "k: " + written + "\n").root.find("k")->scalar == text);
  }
  for (const char* text : {"orders", "a-b", "services/*", "redis:7", "localhost:8080", "/a/{id}", "a:b",
                           "http://x/y", "x#y", "-x", "$PORT"}) {
    INFO(text);
    CHECK(yaml::scalar(text) == text);
    CHECK(yaml::parse("f", "k: " + yaml::scalar(text) + "\n").root.find("k")->scalar == text);
  }
}

TEST_CASE("a written document reads back the same") {
  ordered_json value{
      {"a", {{"b", {1, "2", nullptr, true}}, {"c", ordered_json::array()}, {"d", ordered_json::object()}}},
      {"list", {{{"x", 1}, {"y", {{"z", "yes"}}}}, {"p", "q"}}},
      {"text", "line one\nline two\n"},
      {"keep", "one\n\n"},
      {"strip", "one\ntwo"}};
  std::string text = yaml::write(value);
  yaml::Document document = yaml::parse("f", text);
  INFO(text);
  REQUIRE(document.errors.empty());
  CHECK(document.root.find("text")->scalar == "line one\nline two\n");
  CHECK(document.root.find("keep")->scalar == "one\n\n");
  CHECK(document.root.find("strip")->scalar == "one\ntwo");
  CHECK(document.root.find("list")->items[0].find("y")->find("z")->scalar == "yes");
  CHECK(document.root.find("a")->find("b")->items[1].quoted);
  CHECK(document.root.find("a")->find("c")->is_list());
}

TEST_CASE("comments are written as comments, and nothing breaks out of one", "[yaml]") {
  nlohmann::ordered_json map = nlohmann::ordered_json::object();
  yaml::add_note(map, "first\nsecond");
  map["uses"] = yaml::with_comment("a@b", "v1\ninjected: true");
  yaml::add_note(map, "");
  map["list"] = nlohmann::ordered_json::array({yaml::with_comment("yes", "quoted"), 3});
  const std::string text = yaml::write(map);
  CHECK(text == "# first\n# second\nuses: a@b  # v1 injected: true\n\nlist:\n  - \"yes\"  # quoted\n  - 3\n");
  const yaml::Document read = yaml::parse("a.yaml", text);
  CHECK(read.errors.empty());
  CHECK(read.root.entries.size() == 2);
}

TEST_CASE("notes within a map that is nested", "[yaml]") {
  nlohmann::ordered_json inner = nlohmann::ordered_json::object();
  inner["a"] = 1;
  yaml::add_note(inner, "why b");
  inner["b"] = 2;
  CHECK(yaml::write(nlohmann::ordered_json{{"outer", inner}}) == "outer:\n  a: 1\n  # why b\n  b: 2\n");
}
