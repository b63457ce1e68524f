#include "redis_store.h"

#include <cstdlib>
#include <stdexcept>

#include "redis_address.h"
#include "tests/catch.h"

using namespace app;

TEST_CASE("a Redis URL is taken apart") {
  const auto plain = parse_redis_url("redis://localhost:6380/2");
  CHECK(plain.host == "localhost");
  CHECK(plain.port == 6380);
  CHECK(plain.database == 2);
  const auto full = parse_redis_url("redis://me:p:w@[::1]");
  CHECK(full.host == "::1");
  CHECK(full.port == 6379);
  CHECK(full.user == "me");
  CHECK(full.password == "p:w");
  for (const char* url :
       {"", "localhost:6379", "redis://", "redis://a:b", "redis://a:1/x", "redis://secret@a"})
    CHECK_THROWS_AS(parse_redis_url(url), std::invalid_argument);
}

TEST_CASE("without a server the store is unavailable") {
  RedisStore store("redis://127.0.0.1:1");
  CHECK_THROWS_AS(store.ping(), StoreUnavailable);
  CHECK_THROWS_AS(store.get(new_id()), StoreUnavailable);
}

// On a real server: TEST_REDIS_URL=redis://localhost:6379/15.
TEST_CASE("items live in Redis") {
  const char* url = std::getenv("TEST_REDIS_URL");
  if (url == nullptr) return;
  RedisStore store(url);
  const Item first{new_id(), "lämp", 3, 250};
  const Item second{new_id(), "light", 0, 0};
  store.create(first);
  CHECK(store.get(first.id) == first);
  CHECK_FALSE(store.replace(second.id, {second.name, second.quantity, std::nullopt}));
  CHECK_FALSE(store.get(second.id));
  store.create(second);
  const Item priced{second.id, "a/b \"lît\"", 1, 99};
  CHECK(store.replace(second.id, {priced.name, 1, 99}) == priced);
  CHECK(store.get(second.id) == priced);
  CHECK(store.replace(second.id, {"lit", 2, std::nullopt}) == Item{second.id, "lit", 2, 99});

  const Page page = store.list("", 1);
  REQUIRE(page.items.size() == 1);
  CHECK_FALSE(page.next.empty());
  CHECK(RedisStore(url).get(second.id)->name == "lit");

  CHECK(store.remove(first.id));
  CHECK_FALSE(store.remove(first.id));
  CHECK_FALSE(store.get(first.id));
  CHECK(store.remove(second.id));
}
