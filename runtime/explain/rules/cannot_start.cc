// A container that the runtime cannot make or start: CreateContainerError, RunContainerError, and runs that
// ended as StartError before the first instruction. The words are runc's and containerd's.
#include <fmt/format.h>

#include "runtime/explain/rules/rules.h"

namespace msctl::explain::rules {
namespace {

// `exec: "./orders": stat ./orders: no such file or directory`.
std::string_view file_of(std::string_view words) {
  return between(words, "exec: \"", "\"");
}

Sign sign_of(const Evidence& evidence, const Container& container, std::string_view words) {
  Sign sign{base::Code::containerCannotStart, "", ""};
  const std::string_view file = file_of(words);
  sign.cure = fmt::format("correct 'run' of {}, or the ENTRYPOINT and CMD of its image", evidence.service);
  if (has_any(words, {"executable file not found", "no such file or directory"}) && !file.empty()) {
    sign.sentence = fmt::format("the image {} has no program '{}'", container.image, file);
    sign.certain = true;
  } else if (has(words, "permission denied") && !file.empty()) {
    sign.sentence = fmt::format("'{}' in the image {} is not executable for the user of the container", file,
                                container.image);
    sign.cure = "chmod 755 in the image's build; a folder is no program either";
    sign.certain = true;
  } else if (has_any(words, {"no command specified", "no command is specified"})) {
    sign.sentence = fmt::format("the image {} does not say which program to start", container.image);
    sign.certain = true;
  } else {
    sign.sentence = fmt::format("a container does not start: {}", without_prefixes(words));
    sign.cure = kubectl(evidence, "describe pods");
    sign.certain = hopeless(evidence, container);
  }
  return sign;
}

}  // namespace

MaybeSign cannot_start(const Evidence& evidence, const Replica& replica) {
  for (const Container& container : replica.containers) {
    std::string words;
    if (container.ended && !container.running &&
        (container.ended->reason == "StartError" || container.ended->reason == "ContainerCannotRun"))
      words = container.ended->message;
    else if (container.waiting && (container.waiting->reason == "CreateContainerError" ||
                                   container.waiting->reason == "RunContainerError" ||
                                   container.waiting->reason == "CreateContainerConfigError" ||
                                   container.waiting->reason == "PostStartHookError"))
      words = container.waiting->message;
    if (words.empty()) continue;
    Sign sign = sign_of(evidence, container, words);
    sign.evidence = {fmt::format("{}: {}", replica.name, words)};
    return sign;
  }
  return std::nullopt;
}

}  // namespace msctl::explain::rules
