#include "log.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

#include "trace.h"

namespace app {
namespace {

constexpr std::array<std::string_view, 4> names{"debug", "info", "warn", "error"};

// RFC 3339, UTC, milliseconds.
std::string now() {
  const auto time = std::chrono::system_clock::now();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  const std::time_t seconds = static_cast<std::time_t>(ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> out{};
  const std::size_t length = std::strftime(out.data(), out.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(out.data() + length, out.size() - length, ".%03dZ", static_cast<int>(ms % 1000));
  return out.data();
}

}  // namespace

std::optional<Level> level_from(std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return static_cast<Level>(i);
  return std::nullopt;
}

Log::Log(std::string service, Level least, Sink sink)
    : service_(std::move(service)), least_(least), sink_(std::move(sink)) {}

void Log::write(Level level, std::string_view message) { write(level, message, nullptr, {}); }

void Log::write(Level level, std::string_view message, const Trace* trace,
                const nlohmann::ordered_json& more) {
  if (level < least_) return;
  nlohmann::ordered_json line{{"time", now()},
                              {"level", names[static_cast<std::size_t>(level)]},
                              {"message", message},
                              {"service", service_}};
  if (trace != nullptr) {
    line["trace_id"] = trace->trace_id;
    line["span_id"] = trace->span_id;
  }
  if (more.is_object()) line.update(more);
  // What a client sent may be no UTF-8; a log line always is.
  const std::string text = line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  const std::lock_guard lock(mutex_);
  sink_(text);
}

void to_stdout(std::string_view line) {
  while (!line.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, line.data(), line.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // nobody reads: there is no other place to say so
    line.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace app
