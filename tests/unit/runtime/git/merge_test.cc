#include "runtime/git/merge.h"

#include "tests/catch.h"

using namespace msctl;

TEST_CASE("both sides' changes, or both sides between markers") {
  auto clean = git::merge({"a\nb\nc\nd\n", "A\nb\nc\nd\n", "a\nb\nc\nD\n", "yours", "msctl"});
  REQUIRE(clean);
  CHECK(clean->clean);
  CHECK(clean->text == "A\nb\nc\nD\n");
  auto conflict = git::merge({"a\n", "b\n", "c\n", "yours", "msctl"});
  REQUIRE(conflict);
  CHECK_FALSE(conflict->clean);
  CHECK(conflict->text == "<<<<<<< yours\nb\n=======\nc\n>>>>>>> msctl\n");
  auto same = git::merge({"a\n", "b\n", "b\n", "yours", "msctl"});
  REQUIRE(same);
  CHECK(same->clean);
  CHECK(git::merge({"", "", "", "yours", "msctl"})->text.empty());
}

TEST_CASE("a difference as diff -u prints it") {
  CHECK(git::unified_diff("x", "a\nb\n", true, "a\nc\n", true) ==
        "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n");
  CHECK(git::unified_diff("x", "", false, "a\n", true) == "--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+a\n");
  CHECK(git::unified_diff("x", "a\n", true, "", false) == "--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n");
  CHECK(git::unified_diff("x", "a\n", true, "a\n", true).empty());
}
