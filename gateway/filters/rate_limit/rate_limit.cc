#include "gateway/filters/rate_limit/rate_limit.h"

#include <algorithm>
#include <charconv>

namespace msctl::gateway::filters {
namespace {

using By = config::RateLimit::By;
using namespace std::string_view_literals;

constexpr std::uint64_t second = 1'000'000'000;

std::uint64_t seconds_up(std::uint64_t nanoseconds) {
  return (nanoseconds + second - 1) / second;
}

std::string_view digits(std::uint64_t number, char (&room)[20]) {
  return {room, static_cast<std::size_t>(std::to_chars(room, room + sizeof room, number).ptr - room)};
}

// A string of structured fields (RFC 9651 section 3.3.3).
std::string quoted_string(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c >= 0x20 && c < 0x7F) out += c;
  }
  return out + '"';
}

Rate rate_of(const config::RateLimit& limit) {
  auto window = static_cast<std::uint64_t>(std::max<std::int64_t>(limit.window.count(), 1));
  std::uint64_t quota = std::max<std::uint64_t>(limit.quota, 1);
  return {std::max<std::uint64_t>(window / quota, 1), quota};
}

std::string kind_of(const config::RateLimit& limit) {
  switch (limit.by) {
    case By::consumer:
      return "consumer";
    case By::address:
      return "address";
    case By::header:
      return "header:" + limit.header;
    case By::route:
      return "route";
  }
  return "";
}

}  // namespace

LimitRate::LimitRate(std::string route, const config::RateLimit& limit, RateTable& table)
    : route_(std::move(route)),
      kind_(kind_of(limit)),
      header_(limit.header),
      quoted_(quoted_string(route_)),
      by_(limit.by),
      rate_(rate_of(limit)),
      table_(table) {
  policy_ = quoted_ + ";q=" + std::to_string(rate_.quota) +
            ";w=" + std::to_string(seconds_up(static_cast<std::uint64_t>(limit.window.count())));
}

std::uint64_t LimitRate::key_of(const Exchange& exchange) const {
  std::string_view value;
  switch (by_) {
    case By::route:
      break;
    case By::consumer:
      if (exchange.consumer) value = exchange.consumer->name;
      break;
    case By::header:
      // Requests without the field share one key.
      if (const http1::Field* field = exchange.head->fields.find(header_)) value = field->value;
      break;
    case By::address: {
      const Address& client = exchange.client;
      const char* bytes = reinterpret_cast<const char*>(client.bytes.data());
      value = {bytes, client.is_v4() ? std::size_t{16} : std::size_t{8}};
    }
  }
  return table_.hash(route_, kind_, value);
}

bool LimitRate::admit(Exchange& exchange) const {
  Admission admission = table_.take(key_of(exchange), rate_, exchange.now);
  char remaining[20], full[20];
  exchange.response.add("RateLimit-Policy", policy_);
  exchange.response.add(
      "RateLimit", exchange.arena->join(quoted_, ";r="sv, digits(admission.remaining, remaining), ";t="sv,
                                        digits(seconds_up(admission.full_after), full)));
  if (admission.admitted) return true;
  char retry[20];
  exchange.response.add(
      "Retry-After",
      exchange.arena->copy(digits(std::max<std::uint64_t>(seconds_up(admission.retry_after), 1), retry)));
  exchange.answer.status = 429;
  exchange.answer.code = base::Code::gatewayRateLimited;
  exchange.answer.detail = "The rate limit of this route is used up.";
  exchange.answer.reason = "rate_limit";
  return false;
}

}  // namespace msctl::gateway::filters
