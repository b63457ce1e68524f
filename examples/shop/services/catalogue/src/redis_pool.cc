#include "redis_pool.h"

#include <sys/time.h>

#include <cerrno>

#include "item.h"

namespace app {
namespace {

// Readiness must answer within half a second, and a request should learn soon that Redis is away.
constexpr timeval time_out{0, 450'000};
constexpr std::size_t most_idle = 32;

void expect(const Reply& reply) {
  if (reply->type == REDIS_REPLY_ERROR) throw StoreUnavailable(std::string(reply->str, reply->len));
}

}  // namespace

RedisPool::Connection RedisPool::connect() const {
  Connection out(redisConnectWithTimeout(address_.host.c_str(), address_.port, time_out));
  if (!out || out->err != 0) throw StoreUnavailable(out ? out->errstr : "no memory is left");
  redisSetTimeout(out.get(), time_out);
  if (!address_.password.empty()) {
    RedisCommand login{"AUTH"};
    if (!address_.user.empty()) login.push_back(address_.user);
    login.push_back(address_.password);
    expect(exchange(*out, {login}).front());
  }
  if (address_.database != 0) expect(exchange(*out, {{"SELECT", std::to_string(address_.database)}}).front());
  return out;
}

RedisPool::Connection RedisPool::take() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return nullptr;
  Connection out = std::move(idle_.back());
  idle_.pop_back();
  return out;
}

void RedisPool::give_back(Connection connection) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < most_idle) idle_.push_back(std::move(connection));
}

std::vector<Reply> RedisPool::exchange(redisContext& connection, const std::vector<RedisCommand>& commands) {
  for (const RedisCommand& command : commands) {
    std::vector<const char*> words;
    std::vector<std::size_t> sizes;
    for (const std::string& word : command) {
      words.push_back(word.data());
      sizes.push_back(word.size());
    }
    if (redisAppendCommandArgv(&connection, static_cast<int>(words.size()), words.data(), sizes.data()) !=
        REDIS_OK)
      throw StoreUnavailable(connection.errstr);
  }
  std::vector<Reply> out;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    void* reply = nullptr;
    if (redisGetReply(&connection, &reply) != REDIS_OK) throw StoreUnavailable(connection.errstr);
    out.emplace_back(static_cast<redisReply*>(reply));
  }
  return out;
}

std::vector<Reply> RedisPool::run(const std::vector<RedisCommand>& commands) {
  for (;;) {
    Connection connection = take();
    const bool reused = connection != nullptr;
    if (!reused) connection = connect();
    std::vector<Reply> replies;
    try {
      replies = exchange(*connection, commands);
    } catch (const StoreUnavailable&) {
      // A server that was restarted in the meantime: the connections kept from before are all dead.
      const bool broken = connection->err == REDIS_ERR_EOF ||
                          (connection->err == REDIS_ERR_IO && (errno == ECONNRESET || errno == EPIPE));
      if (reused && broken) continue;
      throw;
    }
    for (const Reply& reply : replies) expect(reply);
    give_back(std::move(connection));
    return replies;
  }
}

}  // namespace app
