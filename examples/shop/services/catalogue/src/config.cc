#include "config.h"

#include <charconv>

namespace app {
namespace {

class Reader {
 public:
  explicit Reader(const Environment& environment) : environment_(environment) {}

  std::string optional(const std::string& name, std::string fallback) {
    auto value = environment_(name);
    return value && !value->empty() ? *value : std::move(fallback);
  }

  std::string required(const std::string& name) {
    std::string value = optional(name, {});
    if (value.empty()) fail(name, "is not set");
    return value;
  }

  int port(const std::string& name) {
    const std::string value = required(name);
    if (value.empty()) return 0;
    int out = 0;
    if (!parse(value, out) || out < 0 || out > 65535)
      fail(name, "'" + value + "' is not a port (0 to 65535)");
    return out;
  }

  std::chrono::milliseconds seconds(const std::string& name, std::chrono::milliseconds fallback) {
    const std::string value = optional(name, {});
    if (value.empty()) return fallback;
    double out = 0;
    if (!parse(value, out) || !(out >= 0 && out <= 3600)) {
      fail(name, "'" + value + "' is not a number of seconds (0 to 3600)");
      return fallback;
    }
    return std::chrono::milliseconds(static_cast<long>(out * 1000));
  }

  Level level(const std::string& name) {
    const std::string value = optional(name, "info");
    if (auto level = level_from(value)) return *level;
    fail(name, "'" + value + "' is not one of debug, info, warn, error");
    return Level::info;
  }

  void fail(const std::string& name, const std::string& what) { errors_.push_back(name + ": " + what); }
  std::vector<std::string> take_errors() { return std::move(errors_); }

 private:
  template <class Number>
  static bool parse(const std::string& text, Number& out) {
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && end == text.data() + text.size();
  }

  const Environment& environment_;
  std::vector<std::string> errors_;
};

}  // namespace

std::variant<Config, std::vector<std::string>> load_config(const Environment& environment) {
  Reader reader(environment);
  Config out;
  out.service_name = reader.optional("SERVICE_NAME", out.service_name);
  out.host = reader.optional("HOST", out.host);
  out.port = reader.port("PORT");
  out.redis_url = reader.required("REDIS_URL");
  out.log_level = reader.level("LOG_LEVEL");
  out.grace_period = reader.seconds("GRACE_PERIOD", out.grace_period);
  out.drain_delay = reader.seconds("DRAIN_DELAY", out.drain_delay);
  if (out.drain_delay.count() > 0 && out.drain_delay >= out.grace_period)
    reader.fail("DRAIN_DELAY", "must be shorter than GRACE_PERIOD");
  auto errors = reader.take_errors();
  if (!errors.empty()) return errors;
  return out;
}

}  // namespace app
