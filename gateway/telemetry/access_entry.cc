#include "gateway/telemetry/access_entry.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>
#include <ctime>

namespace msctl::gateway::telemetry {
namespace {

constexpr std::size_t short_value = 128;
constexpr std::size_t long_value = 512;
constexpr char hex[] = "0123456789abcdef";

// Bytes that JSON does not hold as they are. What is not ASCII is escaped byte by byte, since it need not be
// UTF-8.
bool plain(char c) {
  return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

}  // namespace

void EntryWriter::text(std::string_view bytes) {
  std::memcpy(line_.data() + size_, bytes.data(), bytes.size());
  size_ += bytes.size();
}

void EntryWriter::field(std::string_view key, std::string_view value, std::size_t limit) {
  if (value.empty()) return;
  text(",\"");
  text(key);
  text("\":\"");
  value = value.substr(0, limit);
  std::size_t done = 0;
  while (done < value.size()) {
    std::size_t end = done;
    while (end < value.size() && plain(value[end])) ++end;
    text(value.substr(done, end - done));
    if (end < value.size()) {
      auto byte = static_cast<unsigned char>(value[end++]);
      char escape[] = {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]};
      text({escape, sizeof escape});
    }
    done = end;
  }
  text("\"");
}

void EntryWriter::number(std::string_view key, std::uint64_t value) {
  text(",\"");
  text(key);
  text("\":");
  auto [end, error] = std::to_chars(line_.data() + size_, line_.data() + line_.size(), value);
  size_ = static_cast<std::size_t>(end - line_.data());
}

void EntryWriter::milliseconds(std::string_view key, base::Duration value) {
  auto microseconds =
      static_cast<std::uint64_t>(std::max<std::int64_t>(value / std::chrono::microseconds{1}, 0));
  number(key, microseconds / 1000);
  auto rest = static_cast<char>(microseconds % 1000 / 100);
  char fraction[] = {'.', static_cast<char>('0' + rest), static_cast<char>('0' + microseconds % 100 / 10),
                     static_cast<char>('0' + microseconds % 10)};
  text({fraction, sizeof fraction});
}

void EntryWriter::time(base::WallTime time) {
  auto since = time.time_since_epoch();
  std::int64_t second = std::chrono::floor<std::chrono::seconds>(since).count();
  if (second != second_) {
    std::time_t whole = second;
    std::tm parts{};
    gmtime_r(&whole, &parts);
    std::strftime(second_text_.data(), second_text_.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    second_ = second;
  }
  text({second_text_.data(), 19});
  auto micro = static_cast<int>(since / std::chrono::microseconds{1} % 1'000'000);
  char fraction[] = ".000000Z";
  for (std::size_t i = 6; i > 0; --i, micro /= 10) fraction[i] = static_cast<char>('0' + micro % 10);
  text({fraction, 8});
}

std::string_view EntryWriter::write(const AccessEntry& entry) {
  // 2 x 512 + 8 x 128 + 80 bytes of values at six bytes each, and the keys: less than the line holds.
  size_ = 0;
  text("{\"time\":\"");
  time(entry.time);
  text("\"");
  field("client", entry.client, short_value);
  field("method", entry.method, 32);
  field("host", entry.host, short_value);
  field("path", entry.path, long_value);
  field("query", entry.query, long_value);
  field("route", entry.route, short_value);
  field("upstream", entry.upstream, short_value);
  field("replica", entry.replica, short_value);
  field("consumer", entry.consumer, short_value);
  number("status", static_cast<std::uint64_t>(entry.status));
  field("code", entry.code, 16);
  if (entry.cut) text(",\"cut\":true");
  milliseconds("durationMs", entry.took);
  if (!entry.replica.empty()) milliseconds("upstreamMs", entry.upstream_took);
  number("bytesIn", entry.bytes_in);
  number("bytesOut", entry.bytes_out);
  field("requestId", entry.request_id, short_value);
  field("traceId", entry.trace_id, 32);
  text("}\n");
  return {line_.data(), size_};
}

}  // namespace msctl::gateway::telemetry
