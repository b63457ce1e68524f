#include "runtime/base/names.h"

#include "tests/catch.h"

using namespace msctl::base;

TEST_CASE("labels are those of RFC 1123") {
  for (const char* good : {"a", "orders", "a-b", "9lives", "a0"}) CHECK(is_label(good));
  for (const char* bad : {"", "-a", "a-", "A", "a_b", "a.b", "ä"}) CHECK_FALSE(is_label(bad));
  CHECK(is_label(std::string(63, 'a')));
  CHECK_FALSE(is_label(std::string(64, 'a')));
}

TEST_CASE("the nearest name is the one that was meant, or none") {
  std::vector<std::string> names{"needs", "language", "routes", "replicas"};
  CHECK(nearest("nedes", names) == "needs");
  CHECK(nearest("Langauge", names) == "language");
  CHECK(nearest("rotues", names) == "routes");
  CHECK(nearest("zebra", names).empty());
  CHECK(nearest("golang", std::vector<std::string>{"cpp", "go", "python"}) == "go");
  CHECK(nearest("py", std::vector<std::string>{"cpp", "go", "python"}) == "python");
  CHECK(nearest("rep", std::vector<std::string>{"replicas", "repeats"}).empty());
  CHECK(did_you_mean("replica", names) == "did you mean 'replicas'?");
}

TEST_CASE("a need's variable") {
  CHECK(need_variable("price-list") == "PRICE_LIST_URL");
}
