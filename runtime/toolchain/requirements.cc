#include "runtime/toolchain/requirements.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace msctl::toolchain {
namespace {

constexpr base::Duration patience = std::chrono::seconds(20);

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

base::Error error_of(const Requirement& requirement, std::string message) {
  base::Error out;
  out.code = base::Code::toolMissing;
  out.message = std::move(message);
  if (!requirement.why.empty()) out.notes.push_back("it is for: " + requirement.why);
  if (!requirement.debian.empty())
    out.suggestion = fmt::format("apt-get install {}", fmt::join(requirement.debian, " "));
  return out;
}

// The next number of a dotted version, which is taken off; a missing part counts as 0.
long take_part(std::string_view& version) {
  long out = 0;
  auto [end, error] = std::from_chars(version.data(), version.data() + version.size(), out);
  version.remove_prefix(static_cast<std::size_t>(end - version.data()));
  version.remove_prefix(std::min(version.size(), std::size_t{1}));
  return error == std::errc{} ? out : 0;
}

}  // namespace

std::string version_in(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!is_digit(text[at])) continue;
    std::size_t end = at;
    while (end < text.size() &&
           (is_digit(text[end]) || (text[end] == '.' && end + 1 < text.size() && is_digit(text[end + 1]))))
      ++end;
    return std::string(text.substr(at, end - at));
  }
  return {};
}

bool is_at_least(std::string_view version, std::string_view wanted) {
  while (!version.empty() || !wanted.empty()) {
    const long have = take_part(version);
    const long need = take_part(wanted);
    if (have != need) return have > need;
  }
  return true;
}

std::optional<base::Error> missing(const Requirement& requirement, system::Processes& processes,
                                   const FindProgram& find) {
  if (find(requirement.command).empty())
    return error_of(requirement, fmt::format("'{}' is not installed", requirement.command));
  if (requirement.version.empty()) return std::nullopt;
  system::Command command;
  command.argv = requirement.version;
  command.timeout = patience;
  auto finished = processes.run(command);
  const std::string asked = fmt::format("{}", fmt::join(requirement.version, " "));
  if (!finished || !finished->ok())
    return error_of(requirement, fmt::format("'{}' fails: a part of the toolchain is not installed", asked));
  if (requirement.at_least.empty()) return std::nullopt;
  const std::string version = version_in(finished->output);
  if (is_at_least(version, requirement.at_least)) return std::nullopt;
  return error_of(requirement, fmt::format("'{}' says version {}, and {} is needed at least", asked,
                                           version.empty() ? "unknown" : version, requirement.at_least));
}

std::optional<base::Error> missing(const Language& language, system::Processes& processes,
                                   const FindProgram& find) {
  for (const Requirement& requirement : language.requirements)
    if (auto error = missing(requirement, processes, find)) {
      error->message = fmt::format("{}: {}", language.title, error->message);
      return error;
    }
  return std::nullopt;
}

}  // namespace msctl::toolchain
