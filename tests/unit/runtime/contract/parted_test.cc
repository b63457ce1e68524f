#include "runtime/contract/parted.h"

#include "tests/catch.h"

namespace msctl::contract {
namespace {

replay::Exchange exchange(const char* method, const char* target, int status, const char* replica,
                          const char* body = "") {
  replay::Exchange out;
  out.service = "items";
  out.method = method;
  out.target = target;
  out.status = status;
  out.replica = replica;
  out.response.body = body;
  return out;
}

TEST_CASE("an item that only its maker knows") {
  std::vector<replay::Exchange> one{exchange("POST", "/items", 201, "items-1", R"({"id":"aaaa-bbbb-1111"})"),
                                    exchange("GET", "/items/aaaa-bbbb-1111", 200, "items-1"),
                                    exchange("GET", "/items/1", 404, "items-1")};
  std::vector<replay::Exchange> several{
      exchange("POST", "/items", 201, "items-2", R"({"id":"cccc-dddd-2222"})"),
      exchange("GET", "/items/cccc-dddd-2222", 404, "items-3")};
  // The one 404 that there was with one replica is used up by the second.
  several.insert(several.begin(), exchange("GET", "/items/1", 404, "items-1"));
  auto parted = part(one, several, "items");
  REQUIRE(parted.size() == 1);
  CHECK(describe(parted.front()) ==
        "GET /items/cccc-dddd-2222 → 404 by items-3; with one replica 200 (made by POST /items on items-2)");
}

TEST_CASE("other ids, another order and more of the same are no difference") {
  std::vector<replay::Exchange> one{exchange("POST", "/items", 201, "items-1"),
                                    exchange("GET", "/items/17", 200, "items-1")};
  std::vector<replay::Exchange> several{exchange("GET", "/items/18", 200, "items-1"),
                                        exchange("GET", "/items/18", 200, "items-2"),
                                        exchange("POST", "/items", 201, "items-2")};
  CHECK(part(one, several, "items").empty());
  CHECK(part(one, {exchange("GET", "/items/17", 500, "items-1")}, "others").empty());
}

}  // namespace
}  // namespace msctl::contract
