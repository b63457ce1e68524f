// One kubeconfig file. What is no kubeconfig at all is an error at once; what is wrong with one cluster or
// user only when that one is used: a file often holds the access to many.
#include <fmt/format.h>

#include <filesystem>

#include "runtime/base/base64.h"
#include "runtime/base/yaml/node.h"
#include "runtime/kubernetes/kubeconfig/kubeconfig.h"

namespace msctl::kubernetes::kubeconfig {
namespace {

namespace fs = std::filesystem;
using yaml::Node;

base::Error bad(const Node& at, std::string message, std::string expected = {}) {
  base::Error out;
  out.code = base::Code::badKubeconfig;
  out.message = std::move(message);
  out.at = at.location();
  out.at.text.clear();  // it may hold a key
  out.expected = std::move(expected);
  return out;
}

// The values of one map; the first thing that is wrong is kept.
class Fields {
public:
  Fields(const Node& map, std::string folder) : map_(map), folder_(std::move(folder)) {
    if (!map.is_map() && !map.is_null())
      fail(map, fmt::format("{} where a map belongs", kind_name(map.kind)));
  }

  std::string text(const char* key) {
    const Node* node = map_.find(key);
    if (node == nullptr || node->is_null()) return {};
    if (!node->is_scalar()) {
      fail(*node, fmt::format("'{}' is {}", key, kind_name(node->kind)), "a string");
      return {};
    }
    return node->scalar;
  }

  bool boolean(const char* key) {
    const std::string value = text(key);
    if (!value.empty() && value != "true" && value != "false")
      fail(*map_.find(key), fmt::format("'{}' is neither true nor false", key), "true or false");
    return value == "true";
  }

  // Relative to the kubeconfig's own folder.
  std::string path(const char* key) {
    const std::string value = text(key);
    return value.empty() || value.front() == '/' ? value
                                                 : (fs::path(folder_) / value).lexically_normal().string();
  }

  // Bytes that stand there as base64.
  std::string data(const char* key) {
    std::string value = text(key);
    std::erase_if(value, [](char c) { return c == '\n' || c == ' ' || c == '\r'; });
    auto bytes = base::from_base64(value);
    if (!bytes) fail(*map_.find(key), fmt::format("'{}' is not base64", key), "PEM, as base64 in one line");
    return bytes.value_or("");
  }

  std::vector<std::string> list(const char* key) {
    const Node* node = map_.find(key);
    return node == nullptr ? std::vector<std::string>{} : list_of(*node, key);
  }

  std::vector<std::string> list_of(const Node& node, std::string_view key) {
    std::vector<std::string> out;
    if (node.is_null()) return out;
    if (!node.is_list()) fail(node, fmt::format("'{}' is {}", key, kind_name(node.kind)), "a list");
    for (const Node& item : node.items) {
      if (!item.is_scalar())
        fail(item, fmt::format("an item of '{}' is {}", key, kind_name(item.kind)), "a string");
      out.push_back(item.scalar);
    }
    return out;
  }

  void fail(const Node& at, std::string message, std::string expected = {}) {
    if (!problem) problem = bad(at, std::move(message), std::move(expected));
  }

  std::optional<base::Error> problem;

private:
  const Node& map_;
  std::string folder_;
};

nlohmann::json json_of(const Node& node) {
  nlohmann::json out;
  if (node.is_map()) {
    out = nlohmann::json::object();
    for (const Node::Entry& each : node.entries) out[each.key.scalar] = json_of(each.value);
  } else if (node.is_list()) {
    out = nlohmann::json::array();
    for (const Node& item : node.items) out.push_back(json_of(item));
  } else if (node.is_scalar()) {
    out = node.scalar;
    // Numbers and booleans as JSON writes them.
    if (!node.quoted)
      if (auto read = nlohmann::json::parse(node.scalar, nullptr, false);
          read.is_number() || read.is_boolean())
        out = std::move(read);
  }
  return out;
}

Cluster cluster_of(const Node& node, const std::string& folder) {
  Fields fields(node, folder);
  Cluster out;
  out.server = fields.text("server");
  out.authority_file = fields.path("certificate-authority");
  out.authority_data = fields.data("certificate-authority-data");
  out.server_name = fields.text("tls-server-name");
  out.insecure = fields.boolean("insecure-skip-tls-verify");
  if (!out.server.starts_with("https://") && !out.server.starts_with("http://")) {
    const Node* server = node.find("server");
    fields.fail(server != nullptr ? *server : node,
                out.server.empty() ? "a cluster without 'server'" : "'server' is no address",
                "https://HOST:PORT");
  }
  if (out.insecure && !(out.authority_data.empty() && out.authority_file.empty()))
    fields.fail(*node.find("insecure-skip-tls-verify"),
                "'insecure-skip-tls-verify' beside a certificate authority: only one of them can be meant");
  if (!fields.text("proxy-url").empty())
    fields.fail(*node.find("proxy-url"), "'proxy-url': msctl asks a cluster directly, not through a proxy",
                "a server that can be reached from here");
  if (const Node* extensions = node.find("extensions"); extensions != nullptr && extensions->is_list())
    for (const Node& each : extensions->items) {
      const Node* name = each.find("name");
      const Node* value = each.find("extension");
      if (name != nullptr && value != nullptr && name->scalar == "client.authentication.k8s.io/exec")
        out.exec_config = json_of(*value);
    }
  out.unusable = std::move(fields.problem);
  return out;
}

Exec exec_of(const Node& node, const std::string& folder, Fields& problems) {
  Fields fields(node, folder);
  Exec out;
  out.api_version = fields.text("apiVersion");
  out.command = fields.text("command");
  // A bare name is looked for on PATH.
  if (out.command.find('/') != std::string::npos) out.command = fields.path("command");
  out.arguments = fields.list("args");
  out.install_hint = fields.text("installHint");
  out.cluster_info = fields.boolean("provideClusterInfo");
  if (const Node* variables = node.find("env"); variables != nullptr && variables->is_list())
    for (const Node& each : variables->items) {
      Fields variable(each, folder);
      const std::string name = variable.text("name");
      if (name.empty() || name.find('=') != std::string::npos)
        variable.fail(each, "a variable without a name");
      out.environment[name] = variable.text("value");
      if (variable.problem && !fields.problem) fields.problem = variable.problem;
    }
  const std::string interactive = fields.text("interactiveMode");
  const bool v1 = out.api_version == "client.authentication.k8s.io/v1";
  if (!v1 && out.api_version != "client.authentication.k8s.io/v1beta1")
    fields.fail(node, fmt::format("a credential plugin of version '{}'", out.api_version),
                "client.authentication.k8s.io/v1 or client.authentication.k8s.io/v1beta1");
  if (out.command.empty()) fields.fail(node, "a credential plugin without 'command'");
  if (interactive == "Never")
    out.interactive = Exec::Interactive::never;
  else if (interactive == "Always")
    out.interactive = Exec::Interactive::always;
  else if (interactive != "IfAvailable" && (v1 || !interactive.empty()))
    fields.fail(node, "a credential plugin without a proper 'interactiveMode'",
                "Never, IfAvailable or Always");
  if (fields.problem && !problems.problem) problems.problem = std::move(fields.problem);
  return out;
}

User user_of(const Node& node, const std::string& folder) {
  Fields fields(node, folder);
  User out;
  out.certificate_file = fields.path("client-certificate");
  out.certificate_data = fields.data("client-certificate-data");
  out.key_file = fields.path("client-key");
  out.key_data = fields.data("client-key-data");
  out.token = fields.text("token");
  out.token_file = fields.path("tokenFile");
  out.user = fields.text("username");
  out.password = fields.text("password");
  out.as = fields.text("as");
  out.as_uid = fields.text("as-uid");
  out.as_groups = fields.list("as-groups");
  if (const Node* extra = node.find("as-user-extra"); extra != nullptr && extra->is_map())
    for (const Node::Entry& each : extra->entries)
      out.as_extra[each.key.scalar] = fields.list_of(each.value, each.key.scalar);
  if (const Node* exec = node.find("exec"); exec != nullptr && !exec->is_null())
    out.exec = exec_of(*exec, folder, fields);
  if (const Node* provider = node.find("auth-provider"); provider != nullptr && !provider->is_null())
    fields.fail(*provider, "'auth-provider' is of the past: kubectl itself no longer knows it",
                "'exec', which the cloud's own tool writes");
  const bool certificate = !(out.certificate_data.empty() && out.certificate_file.empty());
  const bool key = !(out.key_data.empty() && out.key_file.empty());
  if (certificate != key)
    fields.fail(
        node, certificate ? "a client certificate without its key" : "a client key without its certificate");
  if (out.as.empty() && !(out.as_groups.empty() && out.as_uid.empty() && out.as_extra.empty()))
    fields.fail(node, "groups or an id to act as, without 'as'");
  for (const std::string* each : {&out.token, &out.user, &out.password, &out.as, &out.as_uid})
    if (each->find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
      fields.fail(node, "a name, token or password with a line break in it");
  out.unusable = std::move(fields.problem);
  return out;
}

// "clusters: [{name, cluster: {…}}]"
template <class Take>
base::Result<void> each_named(const Node& root, const char* list, const char* key, const Take& take) {
  const Node* found = root.find(list);
  if (found == nullptr || found->is_null()) return {};
  if (!found->is_list())
    return std::unexpected(bad(*found, fmt::format("'{}' is {}", list, kind_name(found->kind)), "a list"));
  for (const Node& item : found->items) {
    const Node* name = item.is_map() ? item.find("name") : nullptr;
    if (name == nullptr || !name->is_scalar())
      return std::unexpected(bad(item, fmt::format("an entry of '{}' without a name", list),
                                 fmt::format("{{name: …, {}: {{…}}}}", key)));
    static const Node nothing;
    const Node* value = item.find(key);
    base::Location at = item.location();
    at.text.clear();
    take(name->scalar, value != nullptr ? *value : nothing, std::move(at));
  }
  return {};
}

}  // namespace

base::Result<Kubeconfig> parse(const std::string& file, const std::string& text) {
  yaml::Document document = yaml::parse(file, text);
  if (!document.errors.empty()) {
    base::Error error = std::move(document.errors.front());
    error.code = base::Code::badKubeconfig;
    error.at.text.clear();
    error.suggestion.clear();
    return std::unexpected(std::move(error));
  }
  const Node& root = document.root;
  Kubeconfig out;
  out.files.push_back(file);
  if (root.is_null()) return out;
  if (!root.is_map())
    return std::unexpected(bad(root, "this is no kubeconfig", "apiVersion: v1, kind: Config"));
  if (const Node* kind = root.find("kind"); kind != nullptr && kind->is_scalar() && kind->scalar != "Config")
    return std::unexpected(
        bad(*kind, fmt::format("a {} rather than a kubeconfig", kind->scalar), "kind: Config"));
  const std::string folder = fs::path(file).parent_path().string();
  auto read =
      each_named(root, "clusters", "cluster", [&](std::string name, const Node& node, base::Location at) {
        out.clusters.push_back(cluster_of(node, folder));
        out.clusters.back().name = std::move(name);
        out.clusters.back().at = std::move(at);
      });
  if (read)
    read = each_named(root, "users", "user", [&](std::string name, const Node& node, base::Location at) {
      out.users.push_back(user_of(node, folder));
      out.users.back().name = std::move(name);
      out.users.back().at = std::move(at);
    });
  std::optional<base::Error> problem;
  if (read)
    read =
        each_named(root, "contexts", "context", [&](std::string name, const Node& node, base::Location at) {
          Fields fields(node, folder);
          out.contexts.push_back({std::move(name), fields.text("cluster"), fields.text("user"),
                                  fields.text("namespace"), std::move(at)});
          if (!problem) problem = std::move(fields.problem);
        });
  if (!read) return std::unexpected(read.error());
  Fields fields(root, folder);
  out.current = fields.text("current-context");
  if (!problem) problem = std::move(fields.problem);
  if (problem) return std::unexpected(std::move(*problem));
  return out;
}

}  // namespace msctl::kubernetes::kubeconfig
