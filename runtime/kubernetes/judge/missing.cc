// The wordings are the kubelet's (pkg/kubelet/kubelet_pods.go, pkg/volume/{secret,configmap,projected}):
//
//   secret "orders" not found                       couldn't find key PAYMENT_KEY in Secret shop/orders
//   MountVolume.SetUp failed for volume "v" : configmap "gateway" not found
//   MountVolume.SetUp failed for volume "v" : references non-existent secret key: token
#include "runtime/kubernetes/judge/missing.h"

#include <algorithm>
#include <optional>

#include "runtime/kubernetes/judge/fields.h"

namespace msctl::kubernetes::judge {
namespace {

using explain::Missing;
using Kind = Missing::Kind;

std::string_view between(std::string_view text, std::string_view begin, std::string_view end) {
  const std::size_t from = text.find(begin);
  if (from == std::string_view::npos) return {};
  text.remove_prefix(from + begin.size());
  const std::size_t to = text.find(end);
  return to == std::string_view::npos ? std::string_view{} : text.substr(0, to);
}

std::optional<Missing> whole(std::string_view words) {
  for (const auto& [kind, begin] :
       {std::pair{Kind::secret, "secret \""}, std::pair{Kind::config_map, "configmap \""}})
    if (auto name = between(words, begin, "\" not found"); !name.empty() && !name.contains('"'))
      return Missing{kind, std::string(name)};
  return std::nullopt;
}

std::optional<Missing> key(std::string_view words) {
  const std::string_view name = between(words, "couldn't find key ", " in ");
  if (name.empty()) return std::nullopt;
  for (const auto& [kind, begin] :
       {std::pair{Kind::secret, " in Secret "}, std::pair{Kind::config_map, " in ConfigMap "}}) {
    const std::size_t from = words.find(begin);
    if (from == std::string_view::npos) continue;
    std::string_view where = words.substr(from + std::string_view(begin).size());
    where = where.substr(0, where.find_first_of(" ,\n"));
    if (const std::size_t slash = where.find('/'); slash != std::string_view::npos)
      where.remove_prefix(slash + 1);
    return Missing{kind, std::string(where), std::string(name)};
  }
  return std::nullopt;
}

// A volume's event tells the key, and its name, but not whose key it is.
std::optional<Missing> volume_key(const Json& pod, std::string_view words) {
  for (const auto& [kind, begin, field] :
       {std::tuple{Kind::secret, "references non-existent secret key: ", "secret.secretName"},
        std::tuple{Kind::config_map, "references non-existent config key: ", "configMap.name"}}) {
    const std::size_t from = words.find(begin);
    if (from == std::string_view::npos) continue;
    const std::string_view volume = between(words, "for volume \"", "\"");
    for (const Json& each : at(pod, "spec.volumes"))
      if (text(each, "name") == volume)
        return Missing{kind, text(each, field),
                       std::string(words.substr(from + std::string_view(begin).size()))};
  }
  return std::nullopt;
}

void add(std::vector<Missing>& all, std::optional<Missing> found, const std::string& words,
         explain::When since) {
  if (!found) return;
  if (std::ranges::any_of(all, [&](const Missing& known) {
        return known.kind == found->kind && known.name == found->name && known.key == found->key;
      }))
    return;
  found->words = words;
  found->since = since;
  all.push_back(std::move(*found));
}

// The first time that it was said, else the time that the Pod was there.
explain::When first_said(const explain::Replica& replica, const std::string& words) {
  for (const explain::Event& event : replica.events)
    if (event.reason == "Failed" && event.message.contains(words)) return event.first;
  return replica.created;
}

}  // namespace

std::vector<Missing> missing_of(const Json& pod, const explain::Replica& replica) {
  std::vector<Missing> out;
  bool ran = false;
  for (const explain::Container& container : replica.containers) {
    ran = ran || container.running || container.ended;
    if (!container.waiting || container.waiting->reason != "CreateContainerConfigError") continue;
    const std::string& words = container.waiting->message;
    auto found = whole(words);
    add(out, found ? std::move(found) : key(words), words, first_said(replica, words));
  }
  // Once a container ran, the volumes were there.
  if (ran) return out;
  for (const explain::Event& event : replica.events) {
    if (event.reason != "FailedMount") continue;
    auto found = whole(event.message);
    add(out, found ? std::move(found) : volume_key(pod, event.message), event.message, event.first);
  }
  return out;
}

}  // namespace msctl::kubernetes::judge
