#include "runtime/kubernetes/api/lean.h"

#include "tests/catch.h"

using msctl::kubernetes::api::parse;

TEST_CASE("who set what is left out wherever it stands, and nothing else") {
  const char* text =
      R"({"items": [{"metadata": {"name": "a", "managedFields": [{"f:x": {"managedFields": 1}}], "uid": "u"},
    "spec": {"managed": ["managedFields"]}}]})";
  const auto all = parse(text, false);
  CHECK(all["items"][0]["metadata"].contains("managedFields"));
  auto lean = parse(text, true);
  auto expected = all;
  expected["items"][0]["metadata"].erase("managedFields");
  CHECK(lean == expected);
}

TEST_CASE("what is no JSON is told either way") {
  CHECK(parse("{\"managedFields\": [1,", true).is_discarded());
  CHECK(parse("{\"a\": ", false).is_discarded());
}
