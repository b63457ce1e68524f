#include "clients/retry.h"

#include <algorithm>
#include <charconv>

namespace app::clients {
namespace {

bool is_idempotent(const std::string& method) {
  return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE" || method == "OPTIONS";
}

bool passes(const http::Attempt& attempt) {
  using Failure = http::Attempt::Failure;
  if (attempt.failure != Failure::none)
    return attempt.failure == Failure::connect || attempt.failure == Failure::broken;
  return attempt.response.status >= 502 && attempt.response.status <= 504;
}

// Its form in seconds (RFC 9110 section 10.2.3). The other one, a date, would trust another clock.
std::chrono::milliseconds retry_after(const http::Response& response) {
  const auto found = response.headers.find("Retry-After");
  if (found == response.headers.end()) return {};
  int seconds = 0;
  const std::string& text = found->second;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end != text.data() + text.size() || seconds < 0) return {};
  return std::chrono::seconds(seconds);
}

}  // namespace

std::optional<std::chrono::milliseconds> pause_before_retry(const Limits& limits, const std::string& method,
                                                            int attempt, const http::Attempt& last,
                                                            double random, std::chrono::milliseconds left) {
  if (attempt >= limits.retries || !is_idempotent(method) || !passes(last)) return std::nullopt;
  const auto longest = std::min(limits.backoff_base * (1 << std::min(attempt, 16)), limits.backoff_most);
  const auto jittered =
      std::chrono::milliseconds(static_cast<long>(random * static_cast<double>(longest.count())));
  const auto asked = retry_after(last.response);
  if (asked > limits.retry_after_most) return std::nullopt;
  const auto pause = std::max(jittered, asked);
  if (pause >= left) return std::nullopt;
  return pause;
}

}  // namespace app::clients
