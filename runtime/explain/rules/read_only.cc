// A service that ended as it could not write: EROFS in its last words, as libraries and runtimes spell it.
#include <fmt/format.h>

#include "runtime/explain/rules/rules.h"

namespace msctl::explain::rules {
namespace {

// The line that says so.
std::string_view line_of(std::string_view words) {
  while (!words.empty()) {
    const std::string_view line = words.substr(0, words.find('\n'));
    if (has_any(line, {"read-only file system", "readonlyfilesystem", "EROFS"})) return line;
    words.remove_prefix(std::min(words.size(), line.size() + 1));
  }
  return {};
}

}  // namespace

MaybeSign read_only(const Evidence& evidence, const Replica& replica) {
  for (const Container& container : replica.containers) {
    if (!unstable(evidence, container) || container.ended->exit_code == 0) continue;
    if (line_of(container.last_words).empty()) continue;
    Sign sign{
        base::Code::readOnlyFileSystem,
        fmt::format("{} ended as it writes to a file system that is read-only", subject(replica, container)),
        "write to /tmp or to standard output; a folder of its own is a volume in the manifest"};
    sign.certain = hopeless(evidence, container);
    sign.evidence = {fmt::format("{}: {}, {}", replica.name, how(*container.ended), times(container.ends()))};
    add_last_words(replica, container, sign.evidence);
    return sign;
  }
  return std::nullopt;
}

}  // namespace msctl::explain::rules
