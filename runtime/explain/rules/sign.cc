#include "runtime/explain/rules/sign.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "runtime/base/text.h"

namespace msctl::explain::rules {
namespace {

constexpr std::size_t most_lines = 10;
constexpr std::size_t longest_line = 400;

// As far as it fits, and without what would move a terminal's cursor or colour it.
std::string shown(std::string_view line) {
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '\x1b' && i + 1 < line.size() && line[i + 1] == '[') {
      while (i + 1 < line.size() && !(line[i + 1] >= '@' && line[i + 1] <= '~' && line[i + 1] != '[')) ++i;
      ++i;
    } else if (c == '\t') {
      out += ' ';
    } else if (static_cast<unsigned char>(c) >= ' ' && c != '\x7f') {
      out += c;
    }
  }
  while (out.ends_with(' ')) out.pop_back();
  if (out.size() > longest_line) {
    std::size_t end = longest_line;
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0U) == 0x80U)
      --end;  // not within a character
    out = out.substr(0, end) + " …";
  }
  return out;
}

}  // namespace

bool passed(const Evidence& evidence, const When& when, base::Duration duration) {
  return when && evidence.now - *when >= duration;
}

bool unstable(const Evidence& evidence, const Container& container) {
  if (!container.ended || container.ends() == 0) return false;
  return !container.running || !passed(evidence, container.since, stable);
}

bool hopeless(const Evidence& evidence, const Container& container) {
  if (!unstable(evidence, container) || container.ends() < hopeless_ends) return false;
  const Ended& last = *container.ended;
  return !last.started || !last.at || *last.at - *last.started < stable;
}

std::string times(int count) {
  if (count == 1) return "once";
  if (count == 2) return "twice";
  return fmt::format("{} times", count);
}

std::string cores(std::int64_t thousandths) {
  if (thousandths == 1000) return "1 core";
  if (thousandths % 1000 == 0) return fmt::format("{} cores", thousandths / 1000);
  return fmt::format("{}m cores", thousandths);
}

std::string bytes(std::int64_t count) {
  constexpr std::array<std::string_view, 5> units{"bytes", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  auto value = static_cast<double>(count);
  while (value >= 1024 && unit + 1 < units.size()) {
    value /= 1024;
    ++unit;
  }
  std::string text = fmt::format("{:.1f}", value);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return fmt::format("{} {}", text, units.at(unit));
}

std::string how(const Ended& ended) {
  if (ended.signal == 0) return fmt::format("exit code {}", ended.exit_code);
  const char* name = sigabbrev_np(ended.signal);
  std::string signal = name == nullptr ? fmt::format("signal {}", ended.signal) : fmt::format("SIG{}", name);
  return ended.exit_code == 0 ? signal : fmt::format("exit code {} ({})", ended.exit_code, signal);
}

std::string subject(const Replica& replica, const Container& container) {
  if (container.prepares) return fmt::format("the init container {}", container.name);
  auto lasting = std::ranges::count(replica.containers, false, &Container::prepares);
  return lasting > 1 ? fmt::format("the container {}", container.name) : "the container";
}

std::string_view between(std::string_view text, std::string_view begin, std::string_view end) {
  std::size_t from = text.find(begin);
  if (from == std::string_view::npos) return {};
  text.remove_prefix(from + begin.size());
  if (end.empty()) return text;
  std::size_t to = text.find(end);
  return to == std::string_view::npos ? std::string_view{} : text.substr(0, to);
}

bool has(std::string_view text, std::string_view part) {
  return base::lower(text).find(base::lower(part)) != std::string::npos;
}

bool has_any(std::string_view text, std::initializer_list<std::string_view> parts) {
  return std::ranges::any_of(parts, [&](std::string_view part) { return has(text, part); });
}

std::string_view without_prefixes(std::string_view text) {
  constexpr std::string_view mark = " desc = ";
  if (std::size_t at = text.rfind(mark); at != std::string_view::npos) text.remove_prefix(at + mark.size());
  return text;
}

std::string msctl(const Evidence& evidence, std::string_view verb, std::string_view flags) {
  std::string out = fmt::format("msctl {} {}", verb, evidence.service);
  if (evidence.environment != "local") out += " -e " + evidence.environment;
  if (!flags.empty()) out += fmt::format(" {}", flags);
  return out;
}

std::string kubectl(const Evidence& evidence, std::string_view words) {
  return evidence.space.empty() ? fmt::format("kubectl {}", words)
                                : fmt::format("kubectl -n {} {}", evidence.space, words);
}

void add_last_words(const Replica& replica, const Container& container, std::vector<std::string>& out) {
  std::vector<std::string> lines;
  for (std::string_view rest = container.last_words; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    if (std::string line = shown(rest.substr(0, end)); !line.empty()) lines.push_back("  " + line);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  if (lines.empty()) return;
  out.push_back(fmt::format("last words of {}:", replica.name));
  const auto few = static_cast<std::ptrdiff_t>(std::min(lines.size(), most_lines));
  out.insert(out.end(), lines.end() - few, lines.end());
}

const Event* last_event(const Replica& replica, std::string_view reason) {
  const Event* found = nullptr;
  for (const Event& event : replica.events)
    if (event.reason == reason && (found == nullptr || found->last <= event.last)) found = &event;
  return found;
}

std::string line(const Event& event) {
  return event.count > 1 ? fmt::format("{}, {}: {}", event.reason, times(event.count), event.message)
                         : fmt::format("{}: {}", event.reason, event.message);
}

}  // namespace msctl::explain::rules
