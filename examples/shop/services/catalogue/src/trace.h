// W3C Trace Context: https://www.w3.org/TR/trace-context/
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace app {

struct Trace {
  std::string trace_id;  // 32 hexadecimal digits
  std::string span_id;   // 16: of this service's part of the trace
  std::string flags = "01";
  std::string request_id;  // X-Request-Id as the caller gave it, or empty
};

// The caller's trace with a span of our own; a new trace where the header is absent or invalid.
Trace continue_trace(std::string_view traceparent);

// The header for a call to another service: its parent is our span.
std::string traceparent(const Trace& trace);

// So many random bytes as lower-case hexadecimal digits.
std::string random_hex(std::size_t bytes);

}  // namespace app
