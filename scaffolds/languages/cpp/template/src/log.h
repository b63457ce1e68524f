// The log: one JSON object a line on stdout, with the trace of the request in which it was written.
#pragma once

#include <functional>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace app {

struct Trace;

enum class Level { debug,
                   info,
                   warn,
                   error };

std::optional<Level> level_from(std::string_view name);

class Log {
 public:
  using Sink = std::function<void(std::string_view line)>;

  Log(std::string service, Level least, Sink sink);

  // `more`: an object whose members are added to the line. Thread-safe.
  void write(Level level, std::string_view message, const Trace* trace, const nlohmann::ordered_json& more);
  void write(Level level, std::string_view message);

 private:
  std::string service_;
  Level least_;
  Sink sink_;
  std::mutex mutex_;
};

// Lines to stdout, each written whole.
void to_stdout(std::string_view line);

}  // namespace app
