// An image that the node cannot get.
//
// The kubelet says only ErrImagePull, then ImagePullBackOff; why stands in the words of the container
// runtime, which repeats those of the registry, differently for each registry. What is not known to be the
// image's or the credential's fault counts as the way's, for which waiting may help.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "runtime/explain/rules/rules.h"

namespace msctl::explain::rules {
namespace {

constexpr std::array<std::string_view, 6> reasons{"ErrImagePull",        "ImagePullBackOff",
                                                  "InvalidImageName",    "ErrImageNeverPull",
                                                  "RegistryUnavailable", "ImageInspectError"};

// Older kubelets say why in the event alone.
std::string words_of(const Replica& replica, const Container& container) {
  std::string words = container.waiting->message;
  const Event* failed = nullptr;
  for (const Event& event : replica.events)
    if (event.reason == "Failed" && event.message.starts_with("Failed to pull image") &&
        (event.container.empty() || event.container == container.name) &&
        (failed == nullptr || failed->last <= event.last))
      failed = &event;
  // The back-off before any answer says only that there is one.
  if (failed != nullptr && !has(words, "ErrImagePull")) words += " " + failed->message;
  return words;
}

bool not_found(std::string_view words) {
  return has_any(words, {": not found", "manifest unknown", "name unknown", "repository does not exist in",
                         "404 not found", "does not exist in the registry", "no such image"});
}

bool denied(std::string_view words) {
  return has_any(words, {"pull access denied", "401 unauthorized", "403 forbidden", "authorization failed",
                         "unauthorized:", "authentication required", "no basic auth credentials",
                         "insufficient_scope", "access denied", "denied:"});
}

// What went wrong on the way, as a person would say it.
std::string on_the_way(std::string_view words) {
  struct Known {
    std::string_view part, means;
  };
  constexpr std::array<Known, 12> all{{
      {"no such host", "its name does not resolve there"},
      {"server misbehaving", "its name does not resolve there"},
      {"connection refused", "nothing listens at its address"},
      {"no route to host", "there is no way to its address"},
      {"network is unreachable", "there is no way to its address"},
      {"gave HTTP response to HTTPS", "it speaks plain HTTP, and the node insists on HTTPS"},
      {"certificate signed by unknown authority", "the node does not trust its certificate"},
      {"x509:", "the node does not accept its certificate"},
      {"i/o timeout", "it does not answer"},
      {"deadline exceeded", "it does not answer in time"},
      {"toomanyrequests", "it was asked too often"},
      {"429 too many", "it was asked too often"},
  }};
  auto found = std::ranges::find_if(all, [&](const Known& known) { return has(words, known.part); });
  return found == all.end() ? std::string(without_prefixes(words)) : std::string(found->means);
}

std::string registry_of(std::string_view image) {
  const std::size_t slash = image.find('/');
  if (slash == std::string_view::npos) return "docker.io";
  const std::string_view first = image.substr(0, slash);
  const bool is_host = first.find_first_of(".:") != std::string_view::npos || first == "localhost";
  return is_host ? std::string(first) : "docker.io";
}

Sign sign_of(const Evidence& evidence, const Container& container, const std::string& words) {
  const std::string& image = container.image;
  const std::string& reason = container.waiting->reason;
  // At the first ErrImagePull nothing is said yet that a second try could not take back.
  const bool again = reason == "ImagePullBackOff";
  const std::string push = fmt::format("msctl build {} --push", evidence.service);
  if (reason == "InvalidImageName")
    return {base::Code::imageNameInvalid,
            fmt::format("'{}' is no name of an image", image),
            "correct it where it is stated; repositories are written in small letters",
            {},
            true};
  if (reason == "ErrImageNeverPull")
    return {
        base::Code::imageNotFound,
        fmt::format("the image {} is not on the node, and imagePullPolicy: Never forbids to get it", image),
        "imagePullPolicy: IfNotPresent, or load the image into each node",
        {},
        true};
  if (has_any(words, {"no match for platform", "no matching manifest for"}))
    return {base::Code::wrongMachine,
            fmt::format("there is no image {} for the node's kind of machine", image),
            push + " --platform OS/ARCHITECTURE",
            {},
            again};
  // Some registries say of what is not there that it is denied: then both may be meant, and it says so.
  if (denied(words))
    return {base::Code::imageDenied,
            fmt::format("{} does not let the cluster have the image {}", registry_of(image), image),
            kubectl(evidence,
                    fmt::format("create secret docker-registry pull --docker-server={}; then name it in "
                                "imagePullSecrets of the ServiceAccount {}",
                                registry_of(image), evidence.service)),
            {},
            again};
  if (not_found(words))
    return {base::Code::imageNotFound,
            fmt::format("the image {} is not in its registry", image),
            push,
            {},
            again};
  return {base::Code::pullUnreachable,
          fmt::format("the node cannot get the image {} from {}: {}", image, registry_of(image),
                      on_the_way(words)),
          "see whether a node reaches the registry under that name; the cluster tries again by itself"};
}

}  // namespace

MaybeSign image_pull(const Evidence& evidence, const Replica& replica) {
  for (const Container& container : replica.containers) {
    if (!container.waiting || std::ranges::find(reasons, container.waiting->reason) == reasons.end())
      continue;
    const std::string words = words_of(replica, container);
    Sign sign = sign_of(evidence, container, words);
    sign.evidence = {fmt::format("{}: {}: {}", replica.name, container.waiting->reason, words)};
    sign.same = container.image;
    return sign;
  }
  return std::nullopt;
}

}  // namespace msctl::explain::rules
