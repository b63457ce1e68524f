// runAsNonRoot: refused by the kubelet before the container is made
// (pkg/kubelet/kuberuntime/security_context_others.go).
#include <fmt/format.h>

#include "runtime/explain/rules/rules.h"

namespace msctl::explain::rules {

MaybeSign runs_as_root(const Evidence&, const Replica& replica) {
  for (const Container& container : replica.containers) {
    if (!container.waiting) continue;
    const std::string_view words = container.waiting->message;
    std::string sentence;
    if (has(words, "runAsNonRoot and image will run as root"))
      sentence = fmt::format("the image {} runs as root, and the Pod must not", container.image);
    else if (auto user = between(words, "image has non-numeric user (", ")"); !user.empty())
      sentence =
          fmt::format("the image {} runs as '{}', and only of a number one can tell that it is not root",
                      container.image, user);
    else if (has(words, "runAsUser breaks non-root policy"))
      sentence = "the Pod states runAsUser: 0 and runAsNonRoot: true";
    else
      continue;
    return Sign{base::Code::runsAsRoot,
                std::move(sentence),
                "USER 10001 in the Dockerfile, or runAsUser: 10001 in the manifest",
                {fmt::format("{}: {}", replica.name, words)},
                true};
  }
  return std::nullopt;
}

}  // namespace msctl::explain::rules
