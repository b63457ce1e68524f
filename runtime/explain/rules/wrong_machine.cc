// A program for another processor: the kernel says so (ENOEXEC) to the runtime, or to the shell, that starts
// it.
#include <fmt/format.h>

#include "runtime/explain/rules/rules.h"

namespace msctl::explain::rules {

MaybeSign wrong_machine(const Evidence& evidence, const Replica& replica) {
  constexpr std::string_view words = "exec format error";
  for (const Container& container : replica.containers) {
    if (!unstable(evidence, container) || container.ended->exit_code == 0) continue;
    if (!has(container.ended->message, words) && !has(container.last_words, words)) continue;
    Sign sign{
        base::Code::wrongMachine,
        fmt::format("the image {} is for another kind of machine than the node", container.image),
        fmt::format("msctl build {} --platform OS/ARCHITECTURE --push; 'kubectl describe node {}' tells both",
                    evidence.service, replica.node)};
    sign.certain = true;
    if (has(container.ended->message, words)) sign.evidence.push_back(container.ended->message);
    add_last_words(replica, container, sign.evidence);
    return sign;
  }
  return std::nullopt;
}

}  // namespace msctl::explain::rules
