// What runs in an environment: the Deployments of the workspace and all that tells of them, in one list a
// kind.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "gateway/traffic/window.h"
#include "runtime/kubernetes/deploy/inventory.h"
#include "runtime/kubernetes/deploy/seen.h"
#include "runtime/kubernetes/judge/judge.h"
#include "runtime/kubernetes/operate/operator.h"
#include "runtime/kubernetes/operate/traffic.h"

namespace msctl::kubernetes {
namespace {

base::Result<deploy::Seen> look(Cluster& cluster, const std::string& workspace) {
  auto objects = deploy::list_all(cluster, deploy::Seen::watched(workspace));
  if (!objects) return std::unexpected(objects.error());
  deploy::Seen out;
  for (Json& object : *objects) out.take({WatchEvent::Kind::set, std::move(object)});
  out.take({WatchEvent::Kind::synced, {}});
  return out;
}

// How often `status --watch` asks the gateways: as often as they note their counters down.
constexpr base::Duration traffic_every = gateway::traffic::Window::every;

// As those within the cluster find it, or, where it has an address outside, as others do.
std::string url_of(const Json& service, const std::string& space) {
  const Json& port = service["spec"]["ports"][0]["port"];
  const std::string suffix = port == 80 ? "" : fmt::format(":{}", port.get<int>());
  const Json::json_pointer outside("/status/loadBalancer/ingress/0");
  if (service.contains(outside)) {
    const Json& place = service.at(outside);
    const std::string host = place.value("hostname", place.value("ip", ""));
    if (!host.empty()) return fmt::format("http://{}{}", host, suffix);
  }
  return fmt::format("http://{}.{}.svc{}", service["metadata"].value("name", ""), space, suffix);
}

// The new version beside the one that runs is a fact about the service, not another service.
release::Condition canary_condition(const release::ServiceStatus& canary) {
  release::Condition out{"Canary", true, "", ""};
  out.message = fmt::format("a new version, {}, is tried as {}: {} of {} replicas ready", canary.version,
                            canary.name, canary.ready, canary.desired);
  for (const release::Condition& each : canary.conditions)
    if (each.type == "Ready" && !each.code.empty()) {
      out.code = each.code;
      out.message += fmt::format("; {}", each.message);
      out.evidence = each.evidence;
      out.cure = each.cure;
    }
  return out;
}

}  // namespace

std::string Operator::gateway_url() {
  const std::string gateways =
      fmt::format("{},{}=gateway", deploy::selector_of(options_.workspace), names::component);
  auto found = cluster_->list({"v1", "Service", {}}, gateways);
  return found && !found->empty() ? url_of(found->front(), cluster_->space()) : std::string{};
}

release::Status Operator::status_of(const deploy::Seen& seen, const std::string& url) const {
  release::Status out;
  out.workspace = options_.workspace;
  out.environment = options_.environment;
  out.gateway.url = url;
  const judge::Lists lists = seen.lists();
  std::map<std::string, release::Condition> canaries;  // by the service that they are of
  for (const auto& [name, subject] : judge::subjects(lists)) {
    if (subject.object->value("kind", "") != "Deployment") continue;
    if (label(*subject.object, names::component) == "gateway") continue;
    judge::Context context{clock_.wall(), options_.environment, {}};
    release::ServiceStatus service = judge::status_of(subject, context);
    if (const std::string of = label(*subject.object, names::canary_of); of.empty())
      out.services.push_back(std::move(service));
    else
      canaries.emplace(of, canary_condition(service));
  }
  for (release::ServiceStatus& service : out.services)
    if (const auto canary = canaries.find(service.name); canary != canaries.end())
      service.conditions.push_back(canary->second);
  out.running = !out.services.empty();
  return out;
}

base::Result<release::Status> Operator::status() {
  std::string url;
  std::jthread asks([&] { url = gateway_url(); });
  auto seen = look(*cluster_, options_.workspace);
  asks.join();
  if (!seen) return std::unexpected(seen.error());
  release::Status out = status_of(*seen, url);
  add_traffic(ask_gateways(*cluster_, seen->lists().pods), out);
  return out;
}

base::Result<void> Operator::watch(const std::function<bool(const release::Status&)>& seen,
                                   const std::function<bool()>& idle) {
  const std::string url = gateway_url();
  deploy::Seen objects;
  std::string last;
  GatewayTraffic traffic;
  base::Instant ask_again{};
  bool changed = false, goes_on = true;
  auto watched = cluster_->watch(
      deploy::Seen::watched(options_.workspace),
      [&](const WatchEvent& event) {
        objects.take(event);
        changed = true;
        return true;
      },
      [&] {
        if (objects.whole() && clock_.now() >= ask_again) {
          traffic = ask_gateways(*cluster_, objects.lists().pods);
          ask_again = clock_.now() + traffic_every;
          changed = true;
        }
        // Most of what happens to the objects changes nothing that is told.
        if (objects.whole() && std::exchange(changed, false)) {
          release::Status now = status_of(objects, url);
          add_traffic(traffic, now);
          if (std::string text = release::to_json(now).dump(); text != std::exchange(last, text))
            goes_on = seen(now);
        }
        return goes_on && idle();
      });
  if (!watched) return std::unexpected(watched.error().error);
  return {};
}

}  // namespace msctl::kubernetes
