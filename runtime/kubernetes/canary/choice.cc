#include "runtime/kubernetes/canary/choice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "runtime/digest/digest.h"
#include "runtime/kubernetes/canary/weights.h"
#include "runtime/kubernetes/objects/ref.h"

namespace msctl::kubernetes::canary {
namespace {

using release::Part;
using release::Release;

constexpr std::size_t longest_label = 63;
constexpr std::string_view suffix = "-canary";

const Json* find_object(const Part& part, const char* kind, const std::string& name) {
  for (const Json& object : part.objects)
    if (const Ref ref = ref_of(object); ref.kind == kind && (name.empty() || ref.name == name))
      return &object;
  return nullptr;
}

bool is_replaced_at_once(const Json& deployment) {
  return deployment.value("/spec/strategy/type"_json_pointer, "") == "Recreate";
}

// Empty where it can be tried.
std::string obstacle(const Part& part, const Part* before, const Routes& routes) {
  if (before == nullptr) return "it is new";
  if (deployment_of(*before) == nullptr) return "it has not run anything yet";
  if (is_replaced_at_once(*deployment_of(part))) return "it keeps data, which two versions would not share";
  if (!routes.contains(part.name)) return "it has no route at the gateway";
  return {};
}

bool changes_pods(const Part& part, const Part* before) {
  const Json* now = deployment_of(part);
  if (now == nullptr) return false;
  const Json* then = before == nullptr ? nullptr : deployment_of(*before);
  return then == nullptr || (*now)["spec"]["template"] != (*then)["spec"]["template"];
}

bool was_asked_for(const Release& release, const Part& part) {
  return std::ranges::find(release.services, part.name) != release.services.end();
}

// New parts that `name` cannot do without, what they need themselves first.
void add_new_needs(const Release& wanted, const Release& running, const std::string& name,
                   std::set<std::string>& seen, std::vector<std::string>& out) {
  const Part* part = wanted.find(name);
  if (part == nullptr) return;
  for (const std::string& need : part->needs) {
    if (running.find(need) != nullptr || wanted.find(need) == nullptr || !seen.insert(need).second) continue;
    add_new_needs(wanted, running, need, seen, out);
    out.push_back(need);
  }
}

std::unexpected<base::Error> none(const std::string& why) {
  return base::fail(base::Code::noCanary, why, "deploy without --canary");
}

std::unexpected<base::Error> none_of(const std::vector<Left>& left) {
  if (left.empty())
    return none("nothing of what is deployed has a new version, so there is no canary to judge");
  std::vector<std::string> reasons;
  for (const Left& each : left) reasons.push_back(fmt::format("{}: {}", each.service, each.because));
  auto error = none("none of the new versions can be tried with a part of the traffic");
  error.error().notes = std::move(reasons);
  return error;
}

base::Result<void> check_names(const Choice& choice, const Release& wanted, const Release& running) {
  for (const Subject& each : choice.subjects)
    if (wanted.find(each.name) != nullptr || running.find(each.name) != nullptr)
      return base::fail(
          base::Code::canaryNameTaken,
          fmt::format("the canary of {} would have the name of the service {}", each.service, each.name),
          "give that service another name, or deploy without --canary");
  return {};
}

}  // namespace

std::string canary_name(const std::string& service) {
  if (service.size() + suffix.size() <= longest_label) return service + std::string(suffix);
  constexpr std::size_t digits = 8;
  const std::size_t kept = longest_label - suffix.size() - digits - 1;
  return fmt::format("{}-{}{}", service.substr(0, kept), digest::sha256(service).substr(0, digits), suffix);
}

const Json* deployment_of(const Part& part) {
  return find_object(part, "Deployment", {});
}

const Part* gateway_of(const Release& release) {
  for (const Part& part : release.parts)
    if (const Json* deployment = deployment_of(part);
        deployment != nullptr && label(*deployment, names::component) == "gateway")
      return &part;
  return nullptr;
}

const Json* configuration_of(const Part& gateway) {
  return find_object(gateway, "ConfigMap", gateway.name);
}

base::Result<Choice> choose(const Release& wanted, const std::optional<Release>& running) {
  if (!running) return none("nothing runs there that a new version could be compared with");
  const Part* gateway = gateway_of(*running);
  const Json* configuration = gateway == nullptr ? nullptr : configuration_of(*gateway);
  if (configuration == nullptr)
    return none(fmt::format("release {} has no gateway that could split the traffic", running->id));
  auto routes = routes_of(*configuration);
  if (!routes) return std::unexpected(routes.error());

  Choice out;
  std::set<std::string> seen;
  for (const Part& part : wanted.parts) {
    const Part* before = running->find(part.name);
    if (!was_asked_for(wanted, part) || !changes_pods(part, before)) continue;
    if (std::string why = obstacle(part, before, *routes); !why.empty()) {
      out.left.push_back({part.name, std::move(why)});
      continue;
    }
    out.subjects.push_back({part.name, canary_name(part.name), routes->at(part.name)});
    add_new_needs(wanted, *running, part.name, seen, out.first);
  }
  if (out.subjects.empty()) return none_of(out.left);
  if (auto free = check_names(out, wanted, *running); !free) return std::unexpected(free.error());
  return out;
}

}  // namespace msctl::kubernetes::canary
