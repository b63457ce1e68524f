#include "gateway/config/decode.h"

#include <fmt/format.h>

#include <filesystem>

#include "gateway/config/check.h"
#include "gateway/config/schema.h"
#include "runtime/base/file.h"
#include "runtime/base/units.h"

namespace msctl::gateway::config {
namespace {

using yaml::Node;
using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string text_or(const Node* node, std::string otherwise) {
  return node ? node->scalar : std::move(otherwise);
}

Duration duration_or(const Node* node, Duration otherwise) {
  return node ? base::parse_duration(node->scalar).value_or(otherwise) : otherwise;
}

std::uint64_t size_or(const Node* node, std::uint64_t otherwise) {
  return node ? base::parse_size(node->scalar).value_or(otherwise) : otherwise;
}

std::vector<std::string> strings(const Node* node) {
  std::vector<std::string> out;
  if (node)
    for (const Node& item : node->items) out.push_back(item.scalar);
  return out;
}

Pairs pairs(const Node* node) {
  Pairs out;
  if (node)
    for (const Node::Entry& entry : node->entries) out.emplace_back(entry.key.scalar, entry.value.scalar);
  return out;
}

HeaderEdits decode_edits(const Node* node) {
  HeaderEdits edits;
  if (!node) return edits;
  edits.set = pairs(node->find("set"));
  edits.add = pairs(node->find("add"));
  edits.rename = pairs(node->find("rename"));
  edits.remove = strings(node->find("remove"));
  return edits;
}

Authentication decode_authentication(const Node& node) {
  Authentication out;
  if (node.is_map()) {
    out.all = true;
    out.providers = strings(node.find("all"));
  } else if (node.is_list()) {
    out.providers = strings(&node);
  } else if (node.scalar != "none") {
    out.providers = {node.scalar};
  }
  if (out.providers == std::vector<std::string>{"none"}) out.providers.clear();
  return out;
}

RateLimit decode_rate_limit(const Node& node) {
  RateLimit out;
  out.quota = std::stoull(node.find("quota")->scalar);
  out.window = duration_or(node.find("window"), Duration::zero());
  std::string by = text_or(node.find("by"), "address");
  if (by == "consumer") out.by = RateLimit::By::consumer;
  if (by == "route") out.by = RateLimit::By::route;
  if (by.starts_with("header:")) {
    out.by = RateLimit::By::header;
    out.header = by.substr(7);
  }
  return out;
}

Match decode_match(const Node& node) {
  Match out;
  out.path = node.find("path")->scalar;
  out.methods = strings(node.find("methods"));
  out.host = text_or(node.find("host"), "");
  out.headers = pairs(node.find("headers"));
  out.query = pairs(node.find("query"));
  return out;
}

Respond decode_respond(const Node& node) {
  Respond out;
  out.status = std::stoi(node.find("status")->scalar);
  out.body = text_or(node.find("body"), "");
  out.headers = pairs(node.find("headers"));
  return out;
}

Limits decode_limits(const Node* node) {
  Limits out;
  if (!node) return out;
  out.header_timeout = duration_or(node->find("headerTimeout"), out.header_timeout);
  out.body_timeout = duration_or(node->find("bodyTimeout"), out.body_timeout);
  out.keep_alive_timeout = duration_or(node->find("keepAliveTimeout"), out.keep_alive_timeout);
  out.header_bytes = size_or(node->find("headerBytes"), out.header_bytes);
  out.body_bytes = size_or(node->find("bodyBytes"), out.body_bytes);
  return out;
}

Defaults decode_defaults(const Node* node) {
  Defaults out;
  if (!node) return out;
  if (const Node* authentication = node->find("authentication")) {
    out.authentication = decode_authentication(*authentication);
    out.at_authentication = authentication->location();
  }
  if (text_or(node->find("balancing"), "") == "alternate") out.balancing = Balancing::alternate;
  out.timeout = duration_or(node->find("timeout"), out.timeout);
  out.connect_timeout = duration_or(node->find("connectTimeout"), out.connect_timeout);
  out.idle_timeout = duration_or(node->find("idleTimeout"), out.idle_timeout);
  return out;
}

Provider decode_provider(const Node::Entry& entry, const std::string& folder, base::Errors& errors) {
  Provider out;
  out.name = entry.key.scalar;
  check_provider_name(entry.key, errors);
  const Node& api_key = *entry.value.find("apiKey");
  out.header = text_or(api_key.find("header"), out.header);
  const Node& file = *api_key.find("keys");
  std::filesystem::path path = std::filesystem::path(folder) / file.scalar;
  out.keys_file = path.lexically_normal();
  if (!std::filesystem::is_regular_file(path)) {
    errors.push_back({base::Code::unreadableFile,
                      fmt::format("there is no file of keys '{}'", file.scalar),
                      file.location(),
                      "a file with a list of {name, sha256, groups}",
                      "'msctl gateway key NAME' makes a key and prints its entry",
                      {}});
    return out;
  }
  // Shown beside the file that names it, so that the error can be clicked from the same folder.
  std::filesystem::path beside = std::filesystem::path(file.source->name).parent_path();
  out.keys = load_keys(out.keys_file, (beside / file.scalar).lexically_normal(), errors);
  return out;
}

Upstream decode_upstream(const Node::Entry& entry) {
  Upstream out;
  out.name = entry.key.scalar;
  out.at = entry.key.location();
  for (const Node& endpoint : entry.value.find("endpoints")->items)
    out.endpoints.push_back({endpoint.scalar, endpoint.scalar});
  return out;
}

void name_routes(Config& config) {
  int number = 0;
  for (Route& route : config.routes) {
    ++number;
    if (route.name.empty())
      route.name = route.upstream.empty() ? fmt::format("route-{}", number) : route.upstream;
  }
  make_names_unique(config.routes);
}

}  // namespace

Route decode_route(const Node& node) {
  Route out;
  out.at = node.location();
  out.name = text_or(node.find("name"), "");
  out.match = decode_match(*node.find("match"));
  if (const Node* path = node.find("match")->find("path")) out.at = path->location();
  out.upstream = text_or(node.find("upstream"), "");
  if (const Node* upstream = node.find("upstream")) out.at_upstream = upstream->location();
  if (const Node* split = node.find("split"))
    for (const Node::Entry& entry : split->entries)
      out.split.push_back(
          {entry.key.scalar, base::parse_percentage(entry.value.scalar).value_or(0), entry.key.location()});
  if (const Node* respond = node.find("respond")) out.respond = decode_respond(*respond);
  if (const Node* authentication = node.find("authentication")) {
    out.authentication = decode_authentication(*authentication);
    out.at_authentication = authentication->location();
  }
  if (const Node* limit = node.find("rateLimit")) {
    out.rate_limit = decode_rate_limit(*limit);
    out.at_rate_limit = (limit->find("by") ? *limit->find("by") : *limit).location();
  }
  if (const Node* request = node.find("request")) {
    out.request.strip_prefix = text_or(request->find("stripPrefix"), "");
    out.request.replace_prefix = text_or(request->find("replacePrefix"), "");
    out.request.headers = decode_edits(request->find("headers"));
  }
  if (const Node* response = node.find("response")) out.response = decode_edits(response->find("headers"));
  if (const Node* timeout = node.find("timeout")) out.timeout = duration_or(timeout, {});
  if (const Node* idle = node.find("idleTimeout")) out.idle_timeout = duration_or(idle, {});
  return out;
}

Config decode(const Node& node, const std::string& folder, base::Errors& errors) {
  Config out;
  if (const Node* listeners = node.find("listeners"))
    for (const Node& listener : listeners->items) {
      out.listeners.push_back({listener.find("address")->scalar});
      check_address(*listener.find("address"), errors);
    }
  check_listeners(node.find("listeners"), errors);
  check_limits(node.find("limits"), errors);
  out.limits = decode_limits(node.find("limits"));
  if (const Node* providers = node.find("authentication"))
    for (const Node::Entry& entry : providers->entries)
      out.authentication.push_back(decode_provider(entry, folder, errors));
  check_defaults(node.find("defaults"), errors);
  out.defaults = decode_defaults(node.find("defaults"));
  if (const Node* routes = node.find("routes"))
    for (const Node& route : routes->items) {
      check_route_node(route, errors);
      out.routes.push_back(decode_route(route));
    }
  if (const Node* upstreams = node.find("upstreams"))
    for (const Node::Entry& entry : upstreams->entries) {
      check_endpoints(*entry.value.find("endpoints"), errors);
      out.upstreams.push_back(decode_upstream(entry));
    }
  if (const Node* admin = node.find("admin")) {
    out.admin = Admin{text_or(admin->find("address"), ""), text_or(admin->find("socket"), "")};
    if (!out.admin->socket.empty())
      out.admin->socket = (std::filesystem::path(folder) / out.admin->socket).lexically_normal();
    check_admin(*admin, errors);
  }
  if (const Node* trusted = node.find("trustedProxies"))
    for (const Node& network : trusted->items) {
      check_network(network, errors);
      out.trusted_proxies.push_back(network.scalar);
    }
  if (const Node* log = node.find("accessLog")) out.access_log = log->scalar == "true";
  return out;
}

std::vector<ApiKey> load_keys(const std::string& path, const std::string& shown, base::Errors& errors) {
  auto text = base::read_file(path);
  if (!text) {
    errors.push_back(text.error());
    return {};
  }
  yaml::Document document = yaml::parse(shown, *text);
  base::Errors found = std::move(document.errors);
  if (found.empty()) schema::validate(document.root, *key_file_schema(), found);
  std::vector<ApiKey> keys;
  const bool sound = found.empty();
  if (sound)
    for (const Node& item : document.root.items) {
      ApiKey key{item.find("name")->scalar, item.find("sha256")->scalar, strings(item.find("groups"))};
      if (key.sha256.size() != 64 ||
          key.sha256.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos)
        found.push_back({base::Code::badKeyFile,
                         fmt::format("'{}' is not a SHA-256 digest", key.sha256),
                         item.find("sha256")->location(),
                         "64 hex digits",
                         "'msctl gateway key NAME' prints an entry",
                         {}});
      check_key(item, keys, found);
      for (char& c : key.sha256) c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
      keys.push_back(std::move(key));
    }
  errors.insert(errors.end(), found.begin(), found.end());
  return keys;
}

std::expected<Config, base::Errors> load_text(const std::string& text, const std::string& shown,
                                              const std::string& folder) {
  yaml::Document document = yaml::parse(shown, text);
  base::Errors errors = std::move(document.errors);
  // Not a gateway without routes: most likely somebody is about to write it.
  if (text.find_first_not_of(" \t\r\n") == std::string::npos)
    errors.push_back(
        {base::Code::unreadableFile, "the file is empty", {shown, 1, 1, 1, {}}, "a configuration", {}, {}});
  if (errors.empty()) schema::validate(document.root, *gateway_file_schema(), errors);
  Config config;
  if (errors.empty()) {
    config = decode(document.root, folder, errors);
    if (config.listeners.empty()) config.listeners.push_back({std::string(default_listener)});
    name_routes(config);
    check(config, errors);
  }
  if (errors.empty()) return config;
  base::sort_errors(errors);
  return std::unexpected(std::move(errors));
}

std::expected<Config, base::Errors> load_file(const std::string& path) {
  auto text = base::read_file(path);
  if (!text) return std::unexpected(base::Errors{text.error()});
  return load_text(*text, path, std::filesystem::absolute(path).parent_path());
}

}  // namespace msctl::gateway::config
