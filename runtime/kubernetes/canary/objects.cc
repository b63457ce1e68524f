#include "runtime/kubernetes/canary/objects.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "runtime/kubernetes/objects/ref.h"

namespace msctl::kubernetes::canary {
namespace {

using release::Part;
using release::Release;

// Everywhere that labels name the service: selectors, templates, what replicas keep away from.
void rename_labels(Json& value, const Subject& subject) {
  if (!value.is_structured()) return;
  if (value.is_object() && value.contains(names::name) && value[names::name] == subject.service)
    value[names::name] = subject.name;
  for (Json& each : value) rename_labels(each, subject);
}

void mark(Json& object, const Subject& subject) {
  object["metadata"]["labels"][names::name] = subject.name;
  object["metadata"]["labels"][names::canary_of] = subject.service;
}

Json renamed(Json object, const Subject& subject) {
  object["metadata"]["name"] = subject.name;
  rename_labels(object, subject);
  mark(object, subject);
  return object;
}

// Its Pods run as the service's own account does: that may be bound to rights that the version needs.
Json deployment_for(const Subject& subject, const Json& deployment) {
  Json out = renamed(deployment, subject);
  out["spec"]["template"]["metadata"]["labels"][names::canary_of] = subject.service;
  return out;
}

bool selects(const Json& peer, const std::string& service) {
  const Json::json_pointer where("/podSelector/matchLabels");
  return peer.contains(where) && peer.at(where).value(names::name, "") == service;
}

// The rules of a policy that name the service as a peer, with its canary in its place.
Json rules_for(const Subject& subject, const Json& policy, const char* direction, const char* peers) {
  Json out = Json::array();
  const Json& spec = policy["spec"];
  if (!spec.contains(direction)) return out;
  for (const Json& rule : spec[direction]) {
    if (!rule.contains(peers)) continue;
    Json ours = Json::array();
    for (const Json& peer : rule[peers])
      if (selects(peer, subject.service)) ours.push_back(peer);
    if (ours.empty()) continue;
    Json next = rule;
    next[peers] = std::move(ours);
    rename_labels(next, subject);
    out.push_back(std::move(next));
  }
  return out;
}

void add_new(Json& to, const Json& rules) {
  for (const Json& rule : rules)
    if (std::ranges::find(to, rule) == to.end()) to.push_back(rule);
}

// What is allowed to other Pods for the sake of the service's: to be asked by it, and, to the gateway, to ask
// it. Other callers go on with the version that runs.
struct Allowed {
  Json policy;  // whose Pods
  Json ingress = Json::array(), egress = Json::array();
};

void collect(const Subject& subject, const Release& release, std::map<std::string, Allowed>& out) {
  for (const Part& part : release.parts) {
    if (part.name == subject.service) continue;
    for (const Json& object : part.objects) {
      const Ref ref = ref_of(object);
      if (ref.kind != "NetworkPolicy") continue;
      Json ingress = rules_for(subject, object, "ingress", "from");
      Json egress = label(object, names::component) == "gateway" ? rules_for(subject, object, "egress", "to")
                                                                 : Json::array();
      if (ingress.empty() && egress.empty()) continue;
      Allowed& allowed = out[ref.name];
      allowed.policy = object;
      add_new(allowed.ingress, ingress);
      add_new(allowed.egress, egress);
    }
  }
}

Json policy_for(const Subject& subject, const Allowed& allowed) {
  const Json& metadata = allowed.policy["metadata"];
  Json out{
      {"apiVersion", allowed.policy["apiVersion"]},
      {"kind", "NetworkPolicy"},
      {"metadata",
       {{"name", fmt::format("{}-{}", subject.name, metadata["name"].get<std::string>())},
        {"labels", metadata["labels"]}}},
      {"spec", {{"podSelector", allowed.policy["spec"]["podSelector"]}, {"policyTypes", Json::array()}}}};
  if (metadata.contains("namespace")) out["metadata"]["namespace"] = metadata["namespace"];
  out["metadata"]["labels"].erase(names::component);
  mark(out, subject);
  auto add = [&](const char* type, const char* key, const Json& rules) {
    if (rules.empty()) return;
    out["spec"]["policyTypes"].push_back(type);
    out["spec"][key] = rules;
  };
  add("Ingress", "ingress", allowed.ingress);
  add("Egress", "egress", allowed.egress);
  return out;
}

std::set<Ref> names_of(const Release& release) {
  std::set<Ref> out;
  for (const Part& part : release.parts)
    for (const Json& object : part.objects) out.insert(ref_of(object));
  return out;
}

}  // namespace

Objects objects_of(const Subject& subject, const Release& wanted, const Release& running) {
  Objects out;
  const std::set<Ref> there = names_of(running);
  for (const Json& object : wanted.find(subject.service)->objects) {
    const Ref ref = ref_of(object);
    // Under names of their content: those of the running version are others, or the same.
    if ((ref.kind == "ConfigMap" || ref.kind == "Secret") && !there.contains(ref))
      out.surroundings.push_back(object);
    if (ref.kind == "Service" || ref.kind == "NetworkPolicy")
      out.surroundings.push_back(renamed(object, subject));
    if (ref.kind == "Deployment") out.deployment = deployment_for(subject, object);
  }
  std::map<std::string, Allowed> around;
  for (const Release* release : {&running, &wanted}) collect(subject, *release, around);
  for (const auto& [name, allowed] : around) out.surroundings.push_back(policy_for(subject, allowed));
  return out;
}

int replicas_for(int percent, int stable) {
  return std::max(1, (percent * stable + 99) / 100);
}

Json with_replicas(Json deployment, int replicas) {
  deployment["spec"]["replicas"] = replicas;
  return deployment;
}

}  // namespace msctl::kubernetes::canary
