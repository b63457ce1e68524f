#include "pipelines/model/refresh.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>

namespace msctl::pipeline {
namespace {

using Version = std::array<int, 3>;

// "v6.0.2" or "6.0.2": whole, so that it names one state and not the newest of many.
std::optional<Version> version_of(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  Version out{};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (i > 0 && (at == end || *at++ != '.')) return std::nullopt;
    const auto [next, error] = std::from_chars(at, end, out[i]);
    if (error != std::errc{} || out[i] < 0) return std::nullopt;
    at = next;
  }
  return at == end ? std::optional(out) : std::nullopt;
}

}  // namespace

base::Result<Pin> newest_release(const Pin& pin, const std::vector<Tag>& tags, bool any_major) {
  const std::optional<Version> now = version_of(pin.version);
  const Tag* newest = nullptr;
  std::optional<Version> best;
  for (const Tag& tag : tags) {
    const std::optional<Version> version = version_of(tag.name);
    if (!version || (best && *version <= *best)) continue;
    if (now && !any_major && version->front() != now->front()) continue;
    newest = &tag;
    best = version;
  }
  if (newest == nullptr)
    return base::fail(base::Code::pinSource,
                      fmt::format("{} has no release to follow {}", pin.name, pin.version),
                      fmt::format("git ls-remote --tags {}", repository_of(pin)));
  if (now && *best < *now) return pin;
  if (now && *best == *now) {
    if (newest->commit == pin.digest) return pin;
    return base::fail(base::Code::pinSource,
                      fmt::format("the tag {} of {} was moved: it was {}, and is {} now", pin.version,
                                  pin.name, pin.digest, newest->commit),
                      fmt::format("find out why before you pin it by hand, in {}", pins_name));
  }
  return Pin{pin.name, newest->name, newest->commit};
}

std::string repository_of(const Pin& pin) {
  const std::size_t first = pin.name.find('/');
  const std::size_t second = first == std::string::npos ? first : pin.name.find('/', first + 1);
  return fmt::format("https://github.com/{}", pin.name.substr(0, second));
}

}  // namespace msctl::pipeline
