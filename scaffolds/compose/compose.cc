#include "scaffolds/compose/compose.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "runtime/base/units.h"
#include "runtime/base/yaml/write.h"
#include "scaffolds/containers/containers.h"
#include "scaffolds/containers/text.h"

namespace msctl::scaffolds::compose {
namespace {

using containers::Container;
using containers::Containers;
using Json = nlohmann::ordered_json;

constexpr const char* gateway_folder = "deploy/compose/gateway";
constexpr const char* mounted_at = "/etc/msctl";
constexpr const char* machine = "host.docker.internal";

// Compose replaces $NAME in every value.
std::string literal(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '$') out += '$';
    out += c;
  }
  return out;
}

Json literals(const std::vector<std::string>& words) {
  Json out = Json::array();
  for (const std::string& word : words) out.push_back(literal(word));
  return out;
}

bool is_loopback(const containers::HostPort& at) {
  return at.host == "localhost" || at.host == "[::1]" || at.host.starts_with("127.");
}

// In a container the machine itself has another name.
std::string from_container(const std::string& url) {
  const containers::HostPort at = containers::host_of(url);
  if (!is_loopback(at)) return url;
  std::string out = url;
  return out.replace(out.find(at.host), at.host.size(), machine);
}

Json environment(const Container& container) {
  Json out = Json::object();
  for (const auto& [name, value] : container.settings) out[name] = literal(value);
  for (const auto& [name, url] : container.addresses) out[name] = literal(from_container(url));
  for (const std::string& secret : container.secrets)
    out[secret] = fmt::format("${{{}:?set it in the environment, or in .env}}", secret);
  return out;
}

// What every container has: it may do nothing that it need not do, and is told to stop before it is made to.
void add_limits(Json& service, const std::vector<std::string>& writable) {
  service["read_only"] = true;
  Json folders = Json::array({"/tmp"});
  for (const std::string& folder : writable) folders.push_back(folder);
  service["tmpfs"] = std::move(folders);
  service["cap_drop"] = Json::array({"ALL"});
  service["security_opt"] = Json::array({"no-new-privileges:true"});
  service["stop_grace_period"] = fmt::format("{}s", containers::kill_after);
  service["restart"] = "unless-stopped";
}

void add_resources(const Container& container, Json& service) {
  Json deploy = Json::object();
  if (container.least() != 1) deploy["replicas"] = container.least();
  const workspace::Resources& resources = container.service->resources;
  if (resources.memory) deploy["resources"]["limits"]["memory"] = fmt::format("{}b", *resources.memory);
  if (!deploy.empty()) service["deploy"] = std::move(deploy);
}

Json build(const Container& container) {
  const workspace::Service& service = *container.service;
  const std::string context = containers::build_context(service);
  Json out{{"context", "./" + (context == "." ? "" : context)}};
  if (context == ".") {
    out["context"] = ".";
    out["dockerfile"] = service.relative + "/Dockerfile";
  }
  return out;
}

Json healthcheck(const std::vector<std::string>& check) {
  Json test = Json::array({"CMD"});
  for (const std::string& word : check) test.push_back(literal(word));
  return {{"test", std::move(test)}, {"interval", "5s"}, {"timeout", "3s"}};
}

// Only what can tell by itself that it is ready is waited for; callers in containers try again.
Json depends_on(const Containers& all, const std::vector<std::string>& names) {
  Json out = Json::object();
  for (const std::string& name : names) {
    const Container* needed = all.find(name);
    const bool tells = needed != nullptr && !needed->check.empty();
    yaml::append(out, name, Json{{"condition", tells ? "service_healthy" : "service_started"}});
  }
  return out;
}

Json service_of(const Containers& all, const Container& container) {
  Json out = Json::object();
  if (container.is_own) out["build"] = build(container);
  out["image"] = container.image;
  if (!container.is_own) out["user"] = fmt::format("{0}:{0}", containers::user);
  if (!container.arguments.empty()) out["command"] = literals(container.arguments);
  if (Json variables = environment(container); !variables.empty()) out["environment"] = std::move(variables);
  for (const std::string& url : container.outside)
    if (is_loopback(containers::host_of(url)))
      out["extra_hosts"] = Json::array({fmt::format("{}:host-gateway", machine)});
  if (!container.needs.empty()) out["depends_on"] = depends_on(all, container.needs);
  if (!container.check.empty()) out["healthcheck"] = healthcheck(container.check);
  add_resources(container, out);
  if (container.is_own) {
    add_limits(out, container.writable);
    return out;
  }
  // A volume of a foreign image belongs to root, unless it is said otherwise.
  std::vector<std::string> writable;
  for (const std::string& folder : container.writable)
    writable.push_back(fmt::format("{}:uid={},gid={}", folder, containers::user, containers::user));
  add_limits(out, writable);
  return out;
}

Json gateway_service(const Containers& all, std::string_view image) {
  const containers::Gateway& gateway = *all.gateway;
  Json out{
      {"image", image},
      {"command", Json::array({"gateway", "run", "--config", fmt::format("{}/gateway.yaml", mounted_at)})},
      {"ports", Json::array({fmt::format("{}{}:{}", gateway.local_only ? "127.0.0.1:" : "", gateway.port,
                                         gateway.port)})},
      {"volumes", Json::array({fmt::format("./{}:{}:ro", gateway_folder, mounted_at)})}};
  if (!gateway.upstreams.empty()) out["depends_on"] = depends_on(all, gateway.upstreams);
  add_limits(out, {});
  return out;
}

}  // namespace

base::Result<generated::Emitted> emit(const workspace::Workspace& workspace, std::string_view gateway_image) {
  auto all = containers::containers(workspace);
  if (!all) return std::unexpected(std::move(all.error()));
  generated::Emitted out;
  Json services = Json::object();
  if (all->gateway) services[all->gateway->name] = gateway_service(*all, gateway_image);
  for (const Container& container : all->all)
    yaml::append(services, container.name, service_of(*all, container));
  out.files.push_back(
      {"compose.yaml",
       containers::yaml_file({Json{{"name", workspace.name}, {"services", std::move(services)}}}),
       false,
       {}});
  for (const auto& [name, content] : containers::gateway_files(workspace, *all))
    out.files.push_back(
        {fmt::format("{}/{}", gateway_folder, name), containers::with_header("---\n" + content), false, {}});
  return out;
}

}  // namespace msctl::scaffolds::compose
