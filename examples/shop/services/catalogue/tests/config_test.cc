#include "config.h"

#include <map>

#include "tests/catch.h"

using namespace app;

namespace {

auto load(const std::map<std::string, std::string>& variables) {
  return load_config([&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
}

}  // namespace

TEST_CASE("only PORT and REDIS_URL are required") {
  const auto loaded = load({{"PORT", "8081"}, {"REDIS_URL", "redis://localhost:6379"}});
  REQUIRE(std::holds_alternative<Config>(loaded));
  const auto& config = std::get<Config>(loaded);
  CHECK(config.host == "127.0.0.1");
  CHECK(config.port == 8081);
  CHECK(config.service_name == "catalogue");
  CHECK(config.grace_period == std::chrono::seconds(10));
  CHECK(config.drain_delay == std::chrono::seconds(0));
}

TEST_CASE("every setting that is missing or wrong is named") {
  const auto loaded = load({{"GRACE_PERIOD", "soon"}, {"LOG_LEVEL", "loud"}, {"PORT", "65536"}});
  REQUIRE(std::holds_alternative<std::vector<std::string>>(loaded));
  CHECK(std::get<std::vector<std::string>>(loaded) ==
        std::vector<std::string>{"PORT: '65536' is not a port (0 to 65535)", "REDIS_URL: is not set",
                                 "LOG_LEVEL: 'loud' is not one of debug, info, warn, error",
                                 "GRACE_PERIOD: 'soon' is not a number of seconds (0 to 3600)"});
}

TEST_CASE("the drain delay must fit into the grace period") {
  const auto loaded =
      load({{"PORT", "1"}, {"REDIS_URL", "redis://a"}, {"GRACE_PERIOD", "0.5"}, {"DRAIN_DELAY", "0.5"}});
  CHECK(std::holds_alternative<std::vector<std::string>>(loaded));
}
