// Where Redis is: redis://[[user]:password@]host[:port][/database].
#pragma once

#include <string>

namespace app {

struct RedisAddress {
  std::string host;
  int port = 6379;
  std::string user, password;
  int database = 0;
};

// Throws std::invalid_argument.
RedisAddress parse_redis_url(const std::string& url);

}  // namespace app
