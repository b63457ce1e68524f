#include "scaffolds/containers/containers.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "gateway/config/print.h"
#include "runtime/base/names.h"
#include "runtime/base/yaml/write.h"
#include "runtime/workspace/to_gateway.h"
#include "scaffolds/containers/known_images.h"

namespace msctl::scaffolds::containers {
namespace {

using workspace::Service;
using workspace::Workspace;

bool runs_elsewhere(const Service& service, bool prefer_urls) {
  return service.is_backing() && !service.url.empty() && (prefer_urls || service.image.empty());
}

int default_port(std::string_view scheme) {
  if (scheme == "https") return 443;
  if (scheme == "http") return 80;
  const KnownImage* known = known_image({}, scheme);
  return known == nullptr ? 0 : known->port;
}

int port_of(const Service& service) {
  if (!service.is_backing()) return service_port;
  if (service.image_port > 0) return service.image_port;
  const KnownImage* known = known_image(service.image, service.scheme);
  return known == nullptr ? service_port : known->port;
}

void add_known(const Service& service, Container& out) {
  const KnownImage* known = known_image(service.image, service.scheme);
  if (known == nullptr) return;
  out.writable.assign(known->writable.begin(), known->writable.end());
  out.check.assign(known->check.begin(), known->check.end());
  for (const auto& [name, value] : known->settings)
    if (!service.env.contains(std::string(name))) out.settings.emplace_back(name, value);
}

void add_settings(const Service& service, Container& out) {
  auto set = [&](const char* name, std::string value) {
    if (!service.env.contains(name)) out.settings.emplace_back(name, std::move(value));
  };
  if (out.is_own) {
    set("HOST", "0.0.0.0");
    set("PORT", std::to_string(out.port));
    set("GRACE_PERIOD", std::to_string(grace_period));
  } else if (known_image(service.image, service.scheme) == nullptr && service.image_port == 0) {
    // As in a local run: nothing tells where the program listens, so it is told.
    set("PORT", std::to_string(out.port));
  }
  for (const auto& [name, value] : service.env) out.settings.emplace_back(name, value);
}

base::Result<Container> container(const Workspace& workspace, const Service& service) {
  Container out;
  out.service = &service;
  out.name = service.name;
  out.is_own = !service.is_backing();
  out.image = out.is_own ? image_name(workspace, service) : service.image;
  if (out.image.empty()) {
    base::Error error = base::fail(base::Code::noImage,
                                   fmt::format("{} has a command for local runs, and no image", service.name),
                                   "image: redis:7, or url: with the address of a running one")
                            .error();
    error.at = service.at;
    return std::unexpected(std::move(error));
  }
  out.port = port_of(service);
  out.address = fmt::format("{}://{}:{}", service.scheme, service.name, out.port);
  if (!out.is_own) add_known(service, out);
  add_settings(service, out);
  out.secrets = service.secrets;
  return out;
}

Container* find(Containers& containers, std::string_view name) {
  const Container* found = std::as_const(containers).find(name);
  return found == nullptr ? nullptr
                          : &containers.all[static_cast<std::size_t>(found - containers.all.data())];
}

void connect(const Workspace& workspace, Containers& containers) {
  for (Container& caller : containers.all)
    for (const std::string& need : caller.service->needs) {
      const std::string variable = base::need_variable(need);
      Container* called = find(containers, need);
      if (called != nullptr) {
        caller.needs.push_back(need);
        caller.addresses.emplace_back(variable, called->address);
        called->callers.push_back(caller.name);
      } else if (const Service* service = workspace.find(need); service != nullptr) {
        caller.outside.push_back(service->url);
        caller.addresses.emplace_back(variable, service->url);
      }
    }
}

int port_in(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  int port = 0;
  if (colon != std::string_view::npos)
    std::from_chars(address.data() + colon + 1, address.data() + address.size(), port);
  return port;
}

std::optional<Gateway> gateway_of(const Workspace& workspace, Containers& containers) {
  const gateway::config::Config config = workspace::to_gateway(workspace);
  if (config.routes.empty()) return std::nullopt;
  Gateway out;
  out.name = "gateway";
  for (int i = 2; workspace.find(out.name) != nullptr; ++i) out.name = fmt::format("gateway-{}", i);
  const std::string& address = config.listeners.front().address;
  out.port = port_in(address);
  // The workspace's own services may listen on small ports nowhere: neither may this one.
  if (out.port < 1024) out.port = service_port;
  if (out.port == out.admin_port) ++out.admin_port;
  out.local_only =
      address.starts_with("127.") || address.starts_with("[::1]") || address.starts_with("localhost");
  for (const gateway::config::Upstream& upstream : config.upstreams) {
    Container* routed = find(containers, upstream.name);
    if (routed == nullptr) continue;
    routed->is_routed = true;
    out.upstreams.push_back(upstream.name);
  }
  return out;
}

using Json = nlohmann::ordered_json;

// What `value` says beyond what holds anyway.
Json beyond(const Json& value, const Json& usual) {
  if (!value.is_object() || !usual.is_object()) return value;
  Json out = Json::object();
  for (const auto& [key, each] : value.items()) {
    if (usual.contains(key) && usual[key] == each) continue;
    out[key] = usual.contains(key) ? beyond(each, usual[key]) : each;
  }
  return out;
}

std::string keys_document(const gateway::config::Provider& provider) {
  Json keys = Json::array();
  for (const gateway::config::ApiKey& key : provider.keys) {
    Json entry{{"name", key.name}, {"sha256", key.sha256}};
    if (!key.groups.empty()) entry["groups"] = key.groups;
    keys.push_back(std::move(entry));
  }
  return yaml::write(keys);
}

}  // namespace

bool Container::can_scale() const {
  return service->scale.has_value();
}

int Container::least() const {
  return service->scale ? std::max(1, service->scale->min) : service->replicas;
}

int Container::most() const {
  return service->scale ? std::max(1, service->scale->max) : service->replicas;
}

const Container* Containers::find(std::string_view name) const {
  auto found = std::ranges::lower_bound(all, name, {}, &Container::name);
  return found == all.end() || found->name != name ? nullptr : &*found;
}

base::Result<Containers> containers(const Workspace& workspace, bool prefer_urls) {
  Containers out;
  out.workspace = workspace.name;
  for (const Service& service : workspace.services) {
    if (runs_elsewhere(service, prefer_urls)) continue;
    auto one = container(workspace, service);
    if (!one) return std::unexpected(std::move(one.error()));
    out.all.push_back(std::move(*one));
  }
  std::ranges::sort(out.all, {}, &Container::name);
  connect(workspace, out);
  out.gateway = gateway_of(workspace, out);
  return out;
}

std::vector<std::pair<std::string, std::string>> gateway_files(const Workspace& workspace,
                                                               const Containers& containers) {
  if (!containers.gateway) return {};
  gateway::config::Config config = workspace::to_gateway(workspace);
  config.listeners = {{fmt::format("0.0.0.0:{}", containers.gateway->port)}};
  // Probes and metrics, for those within the cluster.
  config.admin = gateway::config::Admin{fmt::format("0.0.0.0:{}", containers.gateway->admin_port), {}};
  for (gateway::config::Upstream& upstream : config.upstreams)
    if (const Container* container = containers.find(upstream.name))
      upstream.endpoints = {{fmt::format("{}:{}", container->name, container->port), {}}};
    else if (const Service* service = workspace.find(upstream.name)) {
      const HostPort at = host_of(service->url);
      upstream.endpoints = {{fmt::format("{}:{}", at.host, at.port), {}}};
    }
  std::vector<std::pair<std::string, std::string>> out{{"gateway.yaml", {}}};
  for (gateway::config::Provider& provider : config.authentication) {
    if (provider.keys_file.empty()) continue;
    provider.keys_file = fmt::format("{}-keys.yaml", provider.name);
    out.emplace_back(provider.keys_file, keys_document(provider));
  }
  out.front().second = yaml::write(
      beyond(gateway::config::to_json(config), gateway::config::to_json(gateway::config::Config{})));
  return out;
}

std::string image_name(const Workspace& workspace, const Service& service) {
  return fmt::format("{}/{}", workspace.name, service.name);
}

std::string build_context(const Service& service) {
  return service.uses.empty() ? service.relative : ".";
}

HostPort host_of(std::string_view url) {
  const std::size_t scheme_end = url.find("://");
  const std::string_view scheme = scheme_end == std::string_view::npos ? "" : url.substr(0, scheme_end);
  std::string_view rest = scheme_end == std::string_view::npos ? url : url.substr(scheme_end + 3);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) rest.remove_prefix(at + 1);
  HostPort out{{}, default_port(scheme)};
  const std::size_t bracket = rest.starts_with('[') ? rest.find(']') : std::string_view::npos;
  const std::size_t colon = rest.find(':', bracket == std::string_view::npos ? 0 : bracket);
  out.host = rest.substr(0, colon);
  if (colon != std::string_view::npos)
    if (const int port = port_in(rest.substr(colon)); port > 0) out.port = port;
  return out;
}

}  // namespace msctl::scaffolds::containers
