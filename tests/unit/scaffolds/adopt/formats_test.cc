#include "scaffolds/adopt/formats.h"

#include "tests/catch.h"

using namespace msctl::scaffolds::adopt;

TEST_CASE("JSON with lines") {
  auto tree = parse_json("package.json",
                         "{\n\t\"name\": \"x\",\n\t\"scripts\": {\n\t\t\"start\": "
                         "\"a\\/\\ud83d\\ude00\",\n\t\t\"n\": [1, true, null, 1.5]\n\t}\n}\n");
  REQUIRE(tree);
  const auto* scripts = tree->find("scripts");
  REQUIRE(scripts);
  CHECK(scripts->find("start")->scalar == "a/\xf0\x9f\x98\x80");
  CHECK(scripts->find("start")->line == 4);
  CHECK(scripts->find("n")->items.size() == 4);
  CHECK(scripts->find("n")->items[3].scalar == "1.5");
}

TEST_CASE("broken JSON is told with its place") {
  auto broken = parse_json("package.json", "{\n  \"a\": 1,,\n}\n");
  REQUIRE_FALSE(broken);
  CHECK(broken.error().code == msctl::base::Code::adoptUnreadable);
  CHECK(broken.error().at.line == 2);
  CHECK(broken.error().at.column == 10);
  CHECK(broken.error().at.file == "package.json");
  for (const char* text : {"", "{", "{} x", "[1", "\xff", "{\"a\"}"}) CHECK_FALSE(parse_json("a.json", text));
}

TEST_CASE("TOML with lines") {
  auto tree = parse_toml("Cargo.toml",
                         "[package]\nname = \"x\"\n\n[[bin]]\nname = 'a'\n[[bin]]\nname = \"b\"\nn = 1\nf = "
                         "true\nd = 2020-01-01\n");
  REQUIRE(tree);
  CHECK(tree->find("package")->find("name")->scalar == "x");
  CHECK(tree->find("package")->find("name")->line == 2);
  REQUIRE(tree->find("bin")->items.size() == 2);
  CHECK(tree->find("bin")->items[1].find("name")->scalar == "b");
  auto broken = parse_toml("Cargo.toml", "[a]\nb = = 1\n");
  REQUIRE_FALSE(broken);
  CHECK(broken.error().at.line == 2);
  // toml++ 3.3 asserts that this cannot be.
  auto asserted = parse_toml("Cargo.toml", "a = 1\n[@ild]\n");
  REQUIRE_FALSE(asserted);
  CHECK(asserted.error().at.line == 2);
  CHECK_FALSE(parse_toml("Cargo.toml", "\xef\xbb\xb8{"));
  for (int letter = 0xa0; letter < 0x800; ++letter) {  // where a blank, a key or a value may stand
    const std::string text{static_cast<char>(0xc0 | (letter >> 6)),
                           static_cast<char>(0x80 | (letter & 0x3f))};
    for (const std::string& around : {text, "a " + text + "= 1", "[" + text + "]", "a = " + text})
      parse_toml("Cargo.toml", around);
  }
}

TEST_CASE("XML: children of one name are a list, and nothing is fetched or expanded") {
  auto tree = parse_xml("pom.xml",
                        "<?xml version=\"1.0\"?>\n<project>\n  <!-- c --><a> x </a>\n  "
                        "<m>\n<n>1</n><n>2</n><n><o>3</o></n></m>\n</project>\n");
  REQUIRE(tree);
  const auto* project = tree->find("project");
  CHECK(project->find("a")->scalar == "x");
  CHECK(project->find("a")->line == 3);
  REQUIRE(project->find("m")->find("n")->items.size() == 3);
  CHECK(project->find("m")->find("n")->items[2].find("o")->scalar == "3");
  auto broken = parse_xml("pom.xml", "<a>\n<b>\n</a>\n");
  REQUIRE_FALSE(broken);
  CHECK(broken.error().at.line == 3);
  auto laughs = parse_xml(
      "pom.xml", "<!DOCTYPE a [<!ENTITY x \"lol\"><!ENTITY f SYSTEM \"file:///etc/passwd\">]><a>&x;&f;</a>");
  if (laughs) CHECK(laughs->find("a")->scalar.find("root") == std::string::npos);
}

TEST_CASE("what is nested too deep is refused, in each") {
  auto nested = [](std::string open, std::string close, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += open;
    for (int i = 0; i < times; ++i) out += close;
    return out;
  };
  CHECK_FALSE(parse_json("a", nested("[", "]", 100'000)));
  CHECK_FALSE(parse_xml("a", nested("<a>", "</a>", 10'000)));
  CHECK_FALSE(parse_toml("a", "a = " + nested("[", "]", 10'000)));
  CHECK_FALSE(parse_yaml("a", nested("[", "]", 1000)));
}
