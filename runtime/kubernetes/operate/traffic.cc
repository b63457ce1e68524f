#include "runtime/kubernetes/operate/traffic.h"

#include <fmt/format.h>

#include <optional>

#include "gateway/traffic/document.h"
#include "runtime/kubernetes/deploy/gateways.h"
#include "runtime/kubernetes/deploy/parallel.h"

namespace msctl::kubernetes {
namespace {

using gateway::traffic::Traffic;

// Of one gateway: `status` is asked by people who wait.
constexpr std::chrono::seconds patience{5};

std::vector<PodRequest> requests(const std::vector<const Json*>& pods) {
  std::vector<PodRequest> out;
  for (const Json* pod : pods) {
    if (label(*pod, names::component) != "gateway") continue;
    if (auto page = deploy::page_of(*pod, "/traffic")) {
      page->timeout = patience;
      out.push_back(*std::move(page));
    }
  }
  return out;
}

base::Result<Traffic> ask(Cluster& cluster, const PodRequest& request) {
  auto told = cluster.ask_pod(request);
  if (!told) return std::unexpected(std::move(told.error().error));
  return gateway::traffic::from_json(*told);
}

// Of several gateways most often the same: one right is missing for all of them.
std::string note(const base::Error& error, std::size_t silent, std::size_t all) {
  return fmt::format("the traffic of {} of {} gateways is not known: {} [{}]", silent, all, error.message,
                     base::to_string(error.code));
}

// By the names that the gateways know canaries by: the services that those are versions of.
std::map<std::string, std::string, std::less<>> canaries(const std::vector<const Json*>& pods) {
  std::map<std::string, std::string, std::less<>> out;
  for (const Json* pod : pods)
    if (std::string of = label(*pod, names::canary_of); !of.empty())
      out.emplace(label(*pod, names::name), std::move(of));
  return out;
}

}  // namespace

GatewayTraffic ask_gateways(Cluster& cluster, const std::vector<const Json*>& pods) {
  const std::vector<PodRequest> all = requests(pods);
  std::vector<std::optional<base::Result<Traffic>>> answers(all.size());
  deploy::in_parallel(all.size(), deploy::requests_at_once,
                      [&](std::size_t i) { answers[i] = ask(cluster, all[i]); });
  const auto versions = canaries(pods);
  GatewayTraffic out;
  std::size_t silent = 0;
  const base::Error* first = nullptr;
  for (const auto& answer : answers) {
    if (!*answer) {
      ++silent;
      if (first == nullptr) first = &answer->error();
      continue;
    }
    for (const auto& [upstream, flow] : (*answer)->upstreams) {
      const auto canary = versions.find(upstream);
      out.services[canary == versions.end() ? upstream : canary->second].add(flow);
    }
  }
  if (first != nullptr) out.notes.push_back(note(*first, silent, all.size()));
  return out;
}

void add_traffic(const GatewayTraffic& traffic, release::Status& to) {
  for (release::ServiceStatus& service : to.services) {
    const auto found = traffic.services.find(service.name);
    if (found == traffic.services.end()) continue;
    const gateway::traffic::Flow& flow = found->second;
    service.traffic = {flow.per_second,     flow.errors_per_second, flow.quantile(0.5),
                       flow.quantile(0.95), flow.quantile(0.99),    flow.in_flight};
  }
  to.notes.insert(to.notes.end(), traffic.notes.begin(), traffic.notes.end());
}

}  // namespace msctl::kubernetes
