// The service's settings, read from its environment, once, at the start.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "log.h"

namespace app {

using Environment = std::function<std::optional<std::string>(const std::string&)>;

struct Config {
  std::string service_name = "catalogue";
  std::string host = "127.0.0.1";
  int port = 0;  // 0: any free one; the log tells which
  std::string redis_url;
  Level log_level = Level::info;
  std::chrono::milliseconds grace_period{10000};  // from SIGTERM to the end of the process, at most
  // How long new connections are still taken after SIGTERM, so that a balancer can notice.
  std::chrono::milliseconds drain_delay{0};
};

// The settings, or every one that is missing or wrong, not only the first.
std::variant<Config, std::vector<std::string>> load_config(const Environment& environment);

}  // namespace app
