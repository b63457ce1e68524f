// One line of the access log.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "runtime/base/clock.h"

namespace msctl::gateway::telemetry {

struct AccessEntry {
  base::WallTime time;
  std::string_view client, method, host, path, query, route, upstream, replica, consumer, request_id,
      trace_id;
  int status = 0;
  std::string_view code;  // "MSC3004" of the gateway's own errors
  bool cut = false;       // the answer was begun and could not be ended
  base::Duration took{}, upstream_took{};
  std::uint64_t bytes_in = 0, bytes_out = 0;  // of the bodies
};

// Writes lines of JSON, one object each, UTF-8, without allocating. One for each thread.
class EntryWriter {
public:
  // The line with its line break, valid until the next call. Long values are cut.
  std::string_view write(const AccessEntry& entry);

private:
  void text(std::string_view bytes);
  void field(std::string_view key, std::string_view value, std::size_t limit);
  void number(std::string_view key, std::uint64_t value);
  void milliseconds(std::string_view key, base::Duration value);
  void time(base::WallTime time);

  std::array<char, 16 * 1024> line_;
  std::size_t size_ = 0;
  std::int64_t second_ = -1;  // whose text stands in second_text_
  std::array<char, 32> second_text_{};
};

}  // namespace msctl::gateway::telemetry
