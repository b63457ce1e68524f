// Connections to one Redis server, each used by one thread at a time.
#pragma once

#include <hiredis.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "redis_address.h"

namespace app {

struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, FreeReply>;

using RedisCommand = std::vector<std::string>;

class RedisPool {
 public:
  explicit RedisPool(RedisAddress address) : address_(std::move(address)) {}

  // that broke while it was idle is replaced, once. Throws StoreUnavailable.
  std::vector<Reply> run(const std::vector<RedisCommand>& commands);

 private:
  struct FreeContext {
    void operator()(redisContext* context) const { redisFree(context); }
  };
  using Connection = std::unique_ptr<redisContext, FreeContext>;

  Connection take();
  Connection connect() const;
  void give_back(Connection connection);
  static std::vector<Reply> exchange(redisContext& connection, const std::vector<RedisCommand>& commands);

  const RedisAddress address_;
  std::mutex mutex_;
  std::vector<Connection> idle_;
};

}  // namespace app
