#include <fmt/format.h>

#include <atomic>
#include <thread>
#include <vector>

#include "gateway/filters/rate_limit/rate_limit.h"
#include "tests/unit/gateway/filters/fixture.h"

using namespace msctl::gateway;
using namespace msctl::gateway::filters;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t second = 1'000'000'000;

struct Limited : Fixture {
  std::uint64_t now = 1000 * second;
  Limited() { route.rate_limit = config::RateLimit{100, 60s, config::RateLimit::By::address, ""}; }

  bool ask(std::string_view fields = "", std::string_view peer = "192.0.2.7") {
    arrive("GET /\n" + std::string(fields), peer);
    exchange.now = now;
    return admit();
  }
};

}  // namespace

TEST_CASE_METHOD(Limited, "a hundred at once pass, the next one does not, and is told when") {
  REQUIRE(ask());
  std::string first = answered();
  CHECK(value(first, "RateLimit-Policy") == "\"orders\";q=100;w=60");
  CHECK(value(first, "RateLimit") == "\"orders\";r=99;t=1");
  CHECK(value(first, "Retry-After") == "-");
  for (int i = 2; i <= 100; ++i) REQUIRE(ask());
  CHECK(value(answered(), "RateLimit") == "\"orders\";r=0;t=60");
  REQUIRE_FALSE(ask());
  CHECK(exchange.answer.status == 429);
  std::string refused = answered();
  CHECK(value(refused, "RateLimit") == "\"orders\";r=0;t=60");
  CHECK(value(refused, "Retry-After") == "1");
  now += 599'999'999;
  CHECK_FALSE(ask());
  now += 1;  // 600 ms: one interval
  CHECK(ask());
  CHECK_FALSE(ask());
  now += 60 * second;
  for (int i = 0; i < 100; ++i) REQUIRE(ask());
  CHECK_FALSE(ask());
}

TEST_CASE_METHOD(Limited, "what is counted together: an address, a consumer, a field, the route") {
  route.rate_limit = config::RateLimit{1, 60s, config::RateLimit::By::address, ""};
  CHECK(ask("", "192.0.2.1"));
  CHECK_FALSE(ask("", "192.0.2.1"));
  CHECK(ask("", "192.0.2.2"));
  CHECK(ask("", "2001:db8:0:1::1"));
  CHECK_FALSE(ask("", "2001:db8:0:1:ffff::2"));  // one /64
  CHECK(ask("", "2001:db8:0:2::1"));
  route.rate_limit->by = config::RateLimit::By::header;
  route.rate_limit->header = "X-Tenant";
  CHECK(ask("x-tenant: a"));
  CHECK_FALSE(ask("X-Tenant: a"));
  CHECK(ask("X-Tenant: b"));
  CHECK(ask(""));
  CHECK_FALSE(ask("", "192.0.2.9"));
  route.rate_limit->by = config::RateLimit::By::route;
  CHECK(ask("", "192.0.2.1"));
  CHECK_FALSE(ask("", "192.0.2.2"));
  route.name = "other";
  CHECK(ask("", "192.0.2.1"));
  config::Provider provider;
  provider.name = "p";
  provider.keys = {{"a", "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b", {}},
                   {"b", "d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa", {}}};
  config.authentication = {provider};
  route.authentication = config::Authentication{false, {"p"}};
  route.rate_limit->by = config::RateLimit::By::consumer;
  CHECK(ask("X-API-Key: secret"));
  CHECK_FALSE(ask("X-API-Key: secret", "192.0.2.8"));
  CHECK(exchange.answer.status == 429);
  CHECK(ask("X-API-Key: other"));
  CHECK_FALSE(ask("X-API-Key: wrong"));
  CHECK(exchange.answer.status == 401);
}

TEST_CASE("in the long run a limit lets its rate through, whatever the pattern of arrival") {
  RateTable table(64);
  Rate rate{second / 10, 5};  // ten a second, five at once
  for (std::uint64_t gap : {1'000'000ULL, 33'000'000ULL, 99'999'999ULL, 100'000'000ULL}) {
    std::uint64_t passed = 0, now = 5 * second;
    for (; now < 65 * second; now += gap) passed += table.take(gap, rate, now).admitted;
    CHECK(passed >= 600);
    CHECK(passed <= 606);
  }
}

TEST_CASE("the table is bounded: expired keys make room, and then the one nearest to it") {
  RateTable table(8);  // one set
  Rate rate{second, 1};
  for (std::uint64_t key = 1; key <= 8; ++key) CHECK(table.take(key, rate, key * 1000).admitted);
  CHECK_FALSE(table.take(1, rate, 9000).admitted);
  CHECK(table.take(9, rate, 9000).admitted);  // takes key 1's place
  CHECK_FALSE(table.take(9, rate, 9000).admitted);
  CHECK_FALSE(table.take(8, rate, 9000).admitted);
  for (std::uint64_t key = 11; key <= 18; ++key) CHECK(table.take(key, rate, 10 * second).admitted);
  for (std::uint64_t key = 11; key <= 18; ++key) CHECK_FALSE(table.take(key, rate, 10 * second).admitted);
}

TEST_CASE("hashes tell the parts of a key apart") {
  RateTable table(8), other(8);
  CHECK(table.hash("a", "b", "c") == table.hash("a", "b", "c"));
  CHECK(table.hash("a", "b", "c") != table.hash("ab", "", "c"));
  CHECK(table.hash("a", "b", "c") != table.hash("a", "", "bc"));
  CHECK(table.hash("a", "b", "c") != other.hash("a", "b", "c"));
}

TEST_CASE("threads that ask at once get the quota together, not each") {
  RateTable table;
  Rate rate{60 * second / 1000, 1000};
  std::atomic<int> passed = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int j = 0; j < 1000; ++j) passed += table.take(42, rate, 7 * second).admitted;
    });
  threads.clear();
  CHECK(passed == 1000);
}

TEST_CASE("threads that fight for slots neither hang nor lose the bound on memory") {
  RateTable table(8);
  std::atomic<int> passed = 0;
  std::vector<std::jthread> threads;
  for (std::uint64_t i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      for (std::uint64_t j = 0; j < 2000; ++j)
        passed += table.take(1 + (i * 7 + j) % 32, Rate{second, 1}, 7 * second + j).admitted;
    });
  threads.clear();
  CHECK(passed >= 8);
}
