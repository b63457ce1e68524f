#include "runtime/workspace/decode.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "gateway/config/check.h"
#include "gateway/config/decode.h"
#include "runtime/base/units.h"
#include "runtime/workspace/jobs.h"
#include "runtime/workspace/secret_source.h"

namespace msctl::workspace {
namespace {

using base::Code;
using yaml::Node;

std::string text_or(const Node* node, std::string otherwise) {
  return node ? node->scalar : std::move(otherwise);
}
int integer_or(const Node* node, int otherwise) {
  return node ? std::stoi(node->scalar) : otherwise;
}

std::vector<std::string> strings(const Node* node) {
  std::vector<std::string> out;
  if (node)
    for (const Node& item : node->items) out.push_back(item.scalar);
  return out;
}

// A path as it stands below a folder: "./libs//money/" is "libs/money", "." is "".
std::string normal(const std::string& path) {
  std::string out = std::filesystem::path(path).lexically_normal().string();
  if (out.size() > 1 && out.ends_with('/')) out.pop_back();
  return out == "." ? std::string{} : out;
}

void report(base::Errors& errors, const Node& node, Code code, std::string message, std::string expected,
            std::string suggestion = {}) {
  errors.push_back(
      {code, std::move(message), node.location(), std::move(expected), std::move(suggestion), {}});
}

std::vector<std::string> argv(const Node& root, std::string_view key, base::Errors& errors) {
  const Node* node = root.find(key);
  if (node && node->items.empty())
    report(errors, *node, Code::wrongValue, fmt::format("'{}' is empty", key), "a program and its arguments");
  return strings(node);
}

Health decode_health(const Node* node, const std::string& language, base::Errors& errors) {
  bool http = !language.empty() && language != "none";
  Health health{http ? "/health/ready" : "", http ? "/health/live" : ""};
  if (!node) return health;
  for (auto [key, value] : {std::pair{"ready", &health.ready}, std::pair{"live", &health.live}})
    if (const Node* path = node->find(key)) {
      *value = path->scalar;
      if (!value->starts_with('/') || value->find_first_of(" \r\n") != std::string::npos)
        report(errors, *path, Code::badPattern, fmt::format("'{}' is not a path", *value),
               "a path that begins with '/'");
    }
  return health;
}

ScaleTarget decode_target(const Node* node) {
  ScaleTarget target;
  if (!node) return target;
  if (const Node* cpu = node->find("cpu")) target.cpu = base::parse_percentage(cpu->scalar).value_or(0);
  if (const Node* memory = node->find("memory"))
    target.memory = base::parse_percentage(memory->scalar).value_or(0);
  if (const Node* rate = node->find("requestsPerSecond"))
    target.requests_per_second = std::stod(rate->scalar);
  if (const Node* concurrency = node->find("concurrency"))
    target.concurrency = std::stod(concurrency->scalar);
  if (const Node* latency = node->find("latencyP95"))
    if (auto value = base::parse_duration(latency->scalar)) target.latency_p95 = *value;
  return target;
}

Scale decode_scale(const Node& node, bool routed, base::Errors& errors) {
  Scale scale;
  scale.min = integer_or(node.find("min"), 1);
  scale.max = integer_or(node.find("max"), 1);
  scale.target = decode_target(node.find("target"));
  if (scale.max < scale.min)
    report(errors, *node.find("max"), Code::wrongValue,
           fmt::format("'max' is {}, below 'min', which is {}", scale.max, scale.min),
           fmt::format("at least {}", scale.min));
  if (scale.min == 0 && !routed)
    report(errors, *node.find("min"), Code::needsRoute, "'min: 0' in a service without a route",
           "a route, since only the gateway holds requests while the service starts");
  const Node* target = node.find("target");
  if (target && !routed)
    for (const char* key : {"requestsPerSecond", "concurrency", "latencyP95"})
      if (const Node* value = target->find(key))
        report(errors, *value, Code::needsRoute,
               fmt::format("a target for '{}' in a service without a route", key),
               "a route, since only the gateway counts requests");
  return scale;
}

void decode_routes(const Node& root, Service& service, base::Errors& errors) {
  const Node* routes = root.find("routes");
  if (!routes) return;
  for (const Node& node : routes->items) {
    gateway::config::check_service_route_node(node, errors);
    gateway::config::Route route = gateway::config::decode_route(node);
    if (route.name.empty()) route.name = service.name;
    route.upstream = service.name;
    service.routes.push_back(std::move(route));
  }
}

void decode_url(const Node* node, const std::string& environment, Service& service) {
  if (!node) return;
  if (node->is_scalar()) service.url = node->scalar;
  if (const Node* value = node->is_map() ? node->find(environment.empty() ? "local" : environment) : nullptr)
    service.url = value->scalar;
}

// What kind of service it is decides which keys it must have, and which it may not.
void check_kind(const Node& root, const Service& service, base::Errors& errors) {
  const Node* image = root.find("image");
  const bool recipe = image != nullptr && image->is_map();
  bool backing_keys = root.find("command") || (image && !recipe) || root.find("url");
  if (service.is_backing() && recipe)
    report(errors, *image, Code::wrongValue, "a backing service says what is in its image",
           "the name of an image, or 'language'");
  if (service.is_backing() && !backing_keys)
    report(errors, root, Code::missingKey, "the file lacks the key 'language'",
           "language: NAME, or command, image or url for a backing service");
  if (service.language == "none" && service.commands.run.empty() && !root.find("run"))
    report(errors, *root.find("language"), Code::missingRun, "a service with 'language: none' has no 'run'",
           "run: [\"./program\"]");
  if (!service.is_backing() && backing_keys)
    for (const char* key : {"command", "image", "url"})
      if (const Node* node = root.find(key); node && !(node == image && recipe))
        report(errors, *node, Code::wrongValue, fmt::format("'{}' in a service with a language", key),
               "either language, or command, image or url",
               key == std::string_view("command") ? "did you mean 'run'?" : "");
  if (root.find("replicas") && root.find("scale"))
    report(errors, *root.find("replicas"), Code::wrongValue, "both 'replicas' and 'scale'", "one of the two");
}

void check_variable_names(const Node& root, base::Errors& errors) {
  auto check = [&](const Node& node) {
    const std::string& name = node.scalar;
    bool fine = !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
                name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") ==
                    std::string::npos;
    if (!fine)
      report(errors, node, Code::wrongValue, fmt::format("'{}' is not the name of a variable", name),
             "letters, digits and '_'");
    else if (name.starts_with("MSCTL_") || name == "PORT")
      report(errors, node, Code::wrongValue, fmt::format("the variable '{}' is set by msctl itself", name),
             "another name");
  };
  if (const Node* env = root.find("env"))
    for (const Node::Entry& entry : env->entries) check(entry.key);
  if (const Node* secrets = root.find("secrets"))
    for (const Node& item : secrets->items) check(item);
}

}  // namespace

Service decode_service(const Node& root, const std::string& environment, base::Errors& errors) {
  Service service;
  service.name = root.find("service")->scalar;
  service.at = root.find("service")->location();
  service.language = text_or(root.find("language"), "");
  service.needs = strings(root.find("needs"));
  service.commands = {argv(root, "build", errors), argv(root, "test", errors), argv(root, "lint", errors),
                      argv(root, "run", errors), argv(root, "integration", errors)};
  if (const Node* env = root.find("env"))
    for (const Node::Entry& entry : env->entries) service.env[entry.key.scalar] = entry.value.scalar;
  service.secrets = strings(root.find("secrets"));
  service.variables = strings(root.find("variables"));
  for (const std::string& used : strings(root.find("uses"))) service.uses.push_back(normal(used));
  service.health = decode_health(root.find("health"), service.language, errors);
  if (const Node* resources = root.find("resources")) {
    if (const Node* cpu = resources->find("cpu"))
      service.resources.cpu = base::parse_cpu(cpu->scalar).value_or(0);
    if (const Node* memory = resources->find("memory"))
      service.resources.memory = base::parse_memory(memory->scalar).value_or(0);
  }
  service.replicas = integer_or(root.find("replicas"), 1);
  decode_routes(root, service, errors);
  if (const Node* scale = root.find("scale"))
    service.scale = decode_scale(*scale, !service.routes.empty(), errors);
  service.jobs = decode_jobs(root, service, errors);
  service.scheme = text_or(root.find("scheme"), "http");
  service.command = argv(root, "command", errors);
  if (const Node* image = root.find("image"); image != nullptr && image->is_map()) {
    check_recipe(*image, errors);
    service.recipe = recipe_of(*image);
  } else {
    service.image = text_or(image, "");
  }
  service.image_port = integer_or(root.find("imagePort"), 0);
  decode_url(root.find("url"), environment, service);
  check_kind(root, service, errors);
  check_variable_names(root, errors);
  return service;
}

std::vector<Environment> decode_environments(const Node& root, base::Errors& errors) {
  std::vector<Environment> out;
  const Node* environments = root.find("environments");
  if (!environments) return out;
  for (const Node::Entry& entry : environments->entries) {
    Environment environment;
    environment.name = entry.key.scalar;
    environment.registry = text_or(entry.value.find("registry"), "");
    if (const Node* kubernetes = entry.value.find("kubernetes")) {
      environment.kubernetes_context = text_or(kubernetes->find("context"), "");
      environment.kubernetes_namespace =
          text_or(kubernetes->find("namespace"), root.find("workspace")->scalar);
    }
    environment.approval = text_or(entry.value.find("approval"), "") == "true";
    if (const Node* secrets = entry.value.find("secrets"))
      environment.secrets = decode_secret_source(*secrets, errors);
    out.push_back(std::move(environment));
  }
  return out;
}

Pipelines decode_pipelines(const yaml::Node& pipelines, base::Errors& errors) {
  Pipelines out;
  out.systems = strings(pipelines.find("systems"));
  out.trunk = text_or(pipelines.find("trunk"), out.trunk);
  out.image = text_or(pipelines.find("image"), "");
  out.packages = strings(pipelines.find("packages"));
  if (const Node* timeout = pipelines.find("timeout"))
    out.timeout = base::parse_duration(timeout->scalar).value_or(out.timeout);
  if (const Node* msctl = pipelines.find("msctl")) {
    out.archive = text_or(msctl->find("archive"), "");
    out.sha256 = text_or(msctl->find("sha256"), "");
    const bool is_hash =
        out.sha256.size() == 64 && out.sha256.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!is_hash)
      report(errors, *msctl->find("sha256"), Code::wrongValue, "this is no SHA-256",
             "64 digits of hexadecimal, in lower case, as sha256sum prints them");
  }
  return out;
}

std::map<std::string, std::string> decode_image_bases(const yaml::Node& pipelines) {
  std::map<std::string, std::string> out;
  const Node* images = pipelines.find("images");
  const Node* bases = images != nullptr ? images->find("bases") : nullptr;
  if (bases == nullptr) return out;
  for (const Node::Entry& entry : bases->entries) out[entry.key.scalar] = entry.value.scalar;
  return out;
}

Cache decode_cache(const yaml::Node& pipelines, base::Errors& errors) {
  Cache out;
  const Node* cache = pipelines.find("cache");
  if (cache == nullptr) return out;
  if (const Node* size = cache->find("size")) out.size = base::parse_size(size->scalar).value_or(out.size);
  // Empty: a variable that is set only where there is a server.
  if (const Node* url = cache->find("url"); url != nullptr && !url->scalar.empty()) {
    const std::string& text = url->scalar;
    const std::size_t host = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : text.size();
    if (host >= text.size() || text.find_first_of(" @?#") != std::string::npos)
      report(errors, *url, Code::wrongValue, fmt::format("'{}' is no address of a cache", text),
             "http:// or https://, a host and a path, without a user and a query");
    out.url = text.ends_with('/') ? text.substr(0, text.size() - 1) : text;
  }
  return out;
}

}  // namespace msctl::workspace
