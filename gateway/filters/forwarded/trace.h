// The trace context (W3C Trace Context, version 00): "00-<trace id>-<parent id>-<flags>".
#pragma once

#include <optional>
#include <string_view>

#include "gateway/filters/arena.h"
#include "gateway/filters/random.h"

namespace msctl::gateway::filters {

struct TraceParent {
  std::string_view trace_id;  // 32 digits
  std::string_view flags;     // 2 digits
};

// Strict for version 00; of a later version, the parts that 00 has (section 4.3). Nothing for "ff", zero ids,
// capitals.
std::optional<TraceParent> parse_traceparent(std::string_view text);

// `digits` random hexadecimal digits in the arena, not all zero.
std::string_view random_hex(Arena& arena, Random& random, std::size_t digits);

}  // namespace msctl::gateway::filters
