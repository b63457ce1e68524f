// Whether and when a call to another service is tried again. Pure: the caller sends and sleeps.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "http/client.h"

namespace app::clients {

struct Limits {
  std::chrono::milliseconds try_time{2000};
  std::chrono::milliseconds total_time{5000};
  int retries = 2;
  std::chrono::milliseconds backoff_base{50};
  std::chrono::milliseconds backoff_most{1000};
  std::chrono::milliseconds retry_after_most{2000};
  std::size_t answer_bytes = 1024UL * 1024;
};

// The pause before the next attempt, or nothing: the last answer holds.
//
// Only idempotent methods are tried again, and only after failures that pass: no connection, a connection
// that broke before the answer, 502, 503, 504. A time-out is not one of them: a need that is slow gets slower
// when it is asked twice. The pause has "full jitter", so that callers who failed together do not come back
// together; it is never less than Retry-After asks for, and never longer than the time that is left.
//
// `random`: from [0, 1).
std::optional<std::chrono::milliseconds> pause_before_retry(const Limits& limits, const std::string& method,
                                                            int attempt, const http::Attempt& last,
                                                            double random, std::chrono::milliseconds left);

}  // namespace app::clients
