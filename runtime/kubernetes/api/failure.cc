// metav1.Status read. What comes back need not be one: a proxy in between answers in its own way.
#include "runtime/kubernetes/api/failure.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "runtime/kubernetes/api/words.h"

namespace msctl::kubernetes::api {
namespace {

using Json = nlohmann::json;

std::string text(const Json& map, const char* key) {
  if (!map.is_object()) return {};
  const auto found = map.find(key);
  return found != map.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

const Json& child(const Json& map, const char* key) {
  static const Json none;
  if (!map.is_object()) return none;
  const auto found = map.find(key);
  return found != map.end() ? *found : none;
}

// Words of others, on a person's terminal: without control characters, and not endless.
std::string harmless(std::string_view words) {
  std::string out;
  for (const char c : words.substr(0, 4000)) out += c == '\n' || c == '\t' ? ' ' : c;
  std::erase_if(out, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

std::optional<base::Duration> seconds_of(std::string_view header, const Json& details) {
  int seconds = 0;
  if (std::from_chars(header.data(), header.data() + header.size(), seconds).ec != std::errc{}) {
    const Json& told = child(details, "retryAfterSeconds");
    if (!told.is_number_integer()) return std::nullopt;
    seconds = static_cast<int>(std::clamp<std::int64_t>(told.get<std::int64_t>(), 0, 3600));
  }
  return std::chrono::seconds{std::clamp(seconds, 0, 3600)};
}

// conflict with "kubectl-edit" with subresource "status" using apps/v1 at 2026-01-31T12:00:00Z
Conflict conflict_of(const Cause& cause) {
  Conflict out{cause.field, between(cause.message, "conflict with \"", "\""), {}};
  if (const std::size_t at = cause.message.rfind(" at "); at != std::string::npos)
    if (std::string time = cause.message.substr(at + 4); base::parse_rfc3339(time))
      out.since = std::move(time);
  return out;
}

}  // namespace

std::string About::text() const {
  std::string out = name.empty() ? plural : fmt::format("{}/{}", kind, name);
  if (!subresource.empty()) out += fmt::format(" ({})", subresource);
  return out;
}

Failure read_failure(int status, const std::string& body, std::string_view retry_after, const About& about,
                     const std::string& who) {
  Failure out;
  out.status = status;
  const Json json = Json::parse(body, nullptr, false);
  const bool is_status = json.is_object() && text(json, "kind") == "Status";
  const Json& details = is_status ? child(json, "details") : json;
  out.retry_after = seconds_of(retry_after, details);
  if (is_status) {
    out.reason = text(json, "reason");
    out.message = harmless(text(json, "message"));
    if (const Json& causes = child(details, "causes"); causes.is_array())
      for (const Json& each : causes)
        out.causes.push_back({text(each, "reason"), text(each, "field"), harmless(text(each, "message"))});
    for (const Cause& each : out.causes)
      if (each.reason == "FieldManagerConflict") out.conflicts.push_back(conflict_of(each));
    out.unserved = status == 404 && text(details, "name").empty() && text(details, "kind").empty();
  } else {
    out.message = harmless(std::string_view(body).substr(0, 200));
    // The API server itself answers an address that nobody serves with this text.
    out.unserved = status == 404 && out.message.starts_with("404 page not found");
  }
  if (out.message.empty()) out.message = fmt::format("status {}", status);
  out.error = in_words(out, about, who);
  return out;
}

}  // namespace msctl::kubernetes::api
