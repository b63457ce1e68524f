#include "redis_store.h"

#include <nlohmann/json.hpp>

#include "redis_pool.h"

namespace app {
namespace {

const std::string index_key = "catalogue:items";

std::string key(const std::string& id) { return "catalogue:item:" + id; }

// Changes an item that is there, in one step: one that is deleted at the same time does not come back, and a
// price that another request sets at the same time is not lost.
constexpr const char* replace_script = R"(
local before = redis.call('GET', KEYS[1])
if not before then return false end
local item = cjson.decode(before)
item.name = ARGV[1]
item.quantity = tonumber(ARGV[2])
if ARGV[3] ~= '' then item.price = tonumber(ARGV[3]) end
local after = cjson.encode(item)
redis.call('SET', KEYS[1], after)
return after)";

std::string encode(const Item& item) {
  return nlohmann::ordered_json{
      {"id", item.id}, {"name", item.name}, {"quantity", item.quantity}, {"price", item.price}}
      .dump();
}

Item decode(const redisReply& reply) {
  const auto value = nlohmann::json::parse(std::string_view(reply.str, reply.len));
  // Items that were stored before there were prices have none.
  return {value.at("id"), value.at("name"), value.at("quantity"), value.value("price", 0)};
}

}  // namespace

RedisStore::RedisStore(const std::string& url) : pool_(std::make_unique<RedisPool>(parse_redis_url(url))) {}
RedisStore::~RedisStore() = default;

void RedisStore::ping() { pool_->run({{"PING"}}); }

void RedisStore::create(const Item& item) {
  pool_->run({{"MULTI"}, {"SET", key(item.id), encode(item)}, {"ZADD", index_key, "0", item.id}, {"EXEC"}});
}

std::optional<Item> RedisStore::get(const std::string& id) {
  const auto replies = pool_->run({{"GET", key(id)}});
  if (replies.front()->type != REDIS_REPLY_STRING) return std::nullopt;
  return decode(*replies.front());
}

Page RedisStore::list(const std::string& cursor, std::size_t limit) {
  const std::string after = cursor.empty() ? "-" : "(" + cursor;
  // One more than asked for tells whether there is a next page.
  const auto found =
      pool_->run({{"ZRANGEBYLEX", index_key, after, "+", "LIMIT", "0", std::to_string(limit + 1)}});
  const redisReply& ids = *found.front();
  RedisCommand fetch{"MGET"};
  Page out;
  for (std::size_t i = 0; i < ids.elements && i < limit; ++i) {
    const std::string id(ids.element[i]->str, ids.element[i]->len);
    if (ids.elements > limit && i + 1 == limit) out.next = id;
    fetch.push_back(key(id));
  }
  if (fetch.size() == 1) return out;
  const auto values = pool_->run({fetch});
  for (std::size_t i = 0; i < values.front()->elements; ++i)
    if (const redisReply& value = *values.front()->element[i]; value.type == REDIS_REPLY_STRING)
      out.items.push_back(decode(value));  // one that was deleted since its id was read is left out
  return out;
}

std::optional<Item> RedisStore::replace(const std::string& id, const Draft& draft) {
  const std::string price = draft.price ? std::to_string(*draft.price) : "";
  const auto replies =
      pool_->run({{"EVAL", replace_script, "1", key(id), draft.name, std::to_string(draft.quantity), price}});
  if (replies.front()->type != REDIS_REPLY_STRING) return std::nullopt;
  return decode(*replies.front());
}

bool RedisStore::remove(const std::string& id) {
  const auto replies = pool_->run({{"MULTI"}, {"DEL", key(id)}, {"ZREM", index_key, id}, {"EXEC"}});
  const redisReply& results = *replies.back();
  return results.elements > 0 && results.element[0]->integer > 0;
}

}  // namespace app
