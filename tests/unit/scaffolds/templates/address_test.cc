#include "scaffolds/templates/address.h"
#include "tests/catch.h"

using msctl::scaffolds::templates::Address;
using msctl::scaffolds::templates::parse_address;

namespace {

void check(const char* text, Address::Kind kind, const char* place, const char* inside, const char* ref) {
  INFO(text);
  auto address = parse_address(text);
  REQUIRE(address);
  CHECK(address->kind == kind);
  CHECK(address->place == place);
  CHECK(address->inside == inside);
  CHECK(address->ref == ref);
}

}  // namespace

TEST_CASE("folders have no versions") {
  check("./templates", Address::Kind::folder, "./templates", "", "");
  check("/a/b//c/d", Address::Kind::folder, "/a/b", "c/d", "");
  check("//a//b/", Address::Kind::folder, "//a", "b", "");
  check("templates@2", Address::Kind::folder, "templates@2", "", "");
  check("./a:b", Address::Kind::folder, "./a:b", "", "");
}

TEST_CASE("repositories have a place, a folder inside and a revision") {
  check("https://h/t.git", Address::Kind::git, "https://h/t.git", "", "");
  check("https://h/t.git@v1", Address::Kind::git, "https://h/t.git", "", "v1");
  check("https://u:p@h:8443/t.git//go/http@feature/x", Address::Kind::git, "https://u:p@h:8443/t.git",
        "go/http", "feature/x");
  check("ssh://git@h/t@1", Address::Kind::git, "ssh://git@h/t", "", "1");
  check("file:///a/b//c@main", Address::Kind::git, "file:///a/b", "c", "main");
  check("git@h:team/t.git//go@v1", Address::Kind::git, "git@h:team/t.git", "go", "v1");
  check("h:t", Address::Kind::git, "h:t", "", "");
}

TEST_CASE("addresses that are refused") {
  for (const char* text :
       {"", "http://h/t", "git://h/t", "https://h", "https://h/", "https://h/t@", "https://h/t@-x",
        "https://h/t//../x", "https://h/t///x", "https://h/t//.git", "a//", "https://h/t\n", "git@h:"}) {
    INFO(text);
    auto address = parse_address(text);
    CHECK(!address);
  }
}

TEST_CASE("a password is not shown") {
  CHECK(parse_address("https://u:p@h/t.git//go@v1")->shown() == "https://h/t.git//go@v1");
  CHECK(parse_address("git@h:t")->shown() == "git@h:t");
}
