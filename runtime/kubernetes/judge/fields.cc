#include "runtime/kubernetes/judge/fields.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <limits>

#include "runtime/base/units.h"

namespace msctl::kubernetes::judge {
namespace {

const Json nothing;

// Digits at a fixed place; -1 where they are none.
int digits(std::string_view text, std::size_t from, std::size_t count) {
  if (text.size() < from + count) return -1;
  int out = 0;
  const char* end = text.data() + from + count;
  auto [stopped, error] = std::from_chars(text.data() + from, end, out);
  return error == std::errc{} && stopped == end ? out : -1;
}

// "500m" as YAML's writers leave it, or 2.
std::string quantity(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_number() ? value.dump() : std::string();
}

}  // namespace

const Json& at(const Json& object, std::string_view path) {
  const Json* here = &object;
  while (!path.empty()) {
    const std::size_t end = path.find('.');
    const std::string_view name = path.substr(0, end);
    path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
    if (!here->is_object()) return nothing;
    auto found = here->find(name);
    if (found == here->end()) return nothing;
    here = &*found;
  }
  return *here;
}

std::string text(const Json& object, std::string_view path) {
  const Json& value = at(object, path);
  return value.is_string() ? value.get<std::string>() : std::string();
}

int number(const Json& object, std::string_view path, int otherwise) {
  const Json& value = at(object, path);
  return value.is_number_integer() ? value.get<int>() : otherwise;
}

bool flag(const Json& object, std::string_view path) {
  const Json& value = at(object, path);
  return value.is_boolean() && value.get<bool>();
}

explain::When time_from(std::string_view text) {
  using namespace std::chrono;
  constexpr std::size_t seconds_end = 19;  // of "2026-11-27T12:00:00"
  const int y = digits(text, 0, 4), mo = digits(text, 5, 2), d = digits(text, 8, 2);
  const int h = digits(text, 11, 2), mi = digits(text, 14, 2), s = digits(text, 17, 2);
  if (y < 0 || mo < 1 || d < 1 || h < 0 || mi < 0 || s < 0 || !text.ends_with('Z')) return std::nullopt;
  const year_month_day day{year{y}, month{static_cast<unsigned>(mo)},
                           std::chrono::day{static_cast<unsigned>(d)}};
  if (!day.ok()) return std::nullopt;
  nanoseconds fraction{};
  if (text.size() > seconds_end + 1 && text[seconds_end] == '.') {
    nanoseconds digit = 100ms;
    for (char c : text.substr(seconds_end + 1, text.size() - seconds_end - 2)) {
      if (c < '0' || c > '9') return std::nullopt;
      fraction += digit * (c - '0');
      digit /= 10;
    }
  }
  return sys_days{day} + hours{h} + minutes{mi} + seconds{s} +
         duration_cast<base::WallTime::duration>(fraction);
}

explain::When time_at(const Json& object, std::string_view path) {
  return time_from(text(object, path));
}

const Json& condition(const Json& object, std::string_view type) {
  for (const Json& each : at(object, "status.conditions"))
    if (text(each, "type") == type) return each;
  return nothing;
}

std::int64_t cpu_at(const Json& resources, std::string_view path) {
  const std::string stated = quantity(at(resources, path));
  if (auto value = base::parse_cpu(stated)) return *value;
  // The API server shortens a thousand cores to "1k".
  constexpr std::int64_t thousandths = 1000;
  auto value = base::parse_memory(stated);
  return value ? std::min(*value, std::numeric_limits<std::int64_t>::max() / thousandths) * thousandths : 0;
}

std::int64_t memory_at(const Json& resources, std::string_view path) {
  auto value = base::parse_memory(quantity(at(resources, path)));
  return value ? *value : 0;
}

std::string controller(const Json& object) {
  for (const Json& owner : at(object, "metadata.ownerReferences"))
    if (flag(owner, "controller")) return text(owner, "uid");
  return {};
}

}  // namespace msctl::kubernetes::judge
