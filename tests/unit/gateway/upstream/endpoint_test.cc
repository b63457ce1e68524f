#include "gateway/upstream/endpoint.h"

#include "tests/catch.h"

namespace msctl::gateway::upstream {
namespace {

TEST_CASE("merging keeps what is there by identity") {
  auto first = merge({}, {{"127.0.0.1:9001", "a-1"}, {"127.0.0.1:9002", "a-2"}});
  REQUIRE(first);
  auto second = merge(*first, {{"127.0.0.1:9002", "a-2"}, {"127.0.0.1:9003", "a-3"}});
  REQUIRE(second);
  REQUIRE(second->size() == 2);
  CHECK((*second)[0] == (*first)[1]);
  CHECK((*second)[1]->replica == "a-3");
}

TEST_CASE("one address named twice is one endpoint, and its replica defaults to the address") {
  auto merged = merge({}, {{"[::1]:9001", ""}, {"[::1]:9001", ""}});
  REQUIRE(merged);
  REQUIRE(merged->size() == 1);
  CHECK(merged->front()->replica == "[::1]:9001");
}

TEST_CASE("what is no address is an error") {
  for (const char* text : {"", "9001", "127.0.0.1", "127.0.0.1:", ":9001", "127.0.0.1:http"}) {
    CAPTURE(text);
    auto made = make_endpoint({text, ""});
    REQUIRE_FALSE(made);
    CHECK(made.error().code == base::Code::wrongValue);
  }
}

}  // namespace
}  // namespace msctl::gateway::upstream
