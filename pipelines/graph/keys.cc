#include "pipelines/graph/keys.h"

#include <algorithm>

namespace msctl::graph {
namespace {

using gateway::config::Authentication;
using gateway::config::Route;
using yaml::Node;

bool equal(const Node& a, const Node& b);

bool maps_equal(const Node& a, const Node& b) {
  return a.entries.size() == b.entries.size() &&
         std::ranges::all_of(a.entries, [&](const Node::Entry& entry) {
           const Node* other = b.find(entry.key.scalar);
           return other != nullptr && equal(entry.value, *other);
         });
}

bool equal(const Node& a, const Node& b) {
  if (a.kind != b.kind) return false;
  if (a.is_map()) return maps_equal(a, b);
  if (a.is_list()) return std::ranges::equal(a.items, b.items, equal);
  // "8080" and 8080 are not the same to every key.
  return a.scalar == b.scalar && a.quoted == b.quoted;
}

void compare(const Node& before, const Node& after, const std::string& path, std::vector<std::string>& out) {
  if (equal(before, after)) return;
  if (!before.is_map() || !after.is_map()) return out.push_back(path);
  auto below = [&](const std::string& key) { return path.empty() ? key : path + "." + key; };
  for (const Node::Entry& entry : before.entries) {
    const Node* now = after.find(entry.key.scalar);
    if (now == nullptr)
      out.push_back(below(entry.key.scalar));
    else
      compare(entry.value, *now, below(entry.key.scalar), out);
  }
  for (const Node::Entry& entry : after.entries)
    if (before.find(entry.key.scalar) == nullptr) out.push_back(below(entry.key.scalar));
}

// What follows `prefix` and a point, or nothing where the key is not below it.
std::string_view below(std::string_view key, std::string_view prefix) {
  if (!key.starts_with(prefix) || key.size() <= prefix.size() || key[prefix.size()] != '.') return {};
  return key.substr(prefix.size() + 1);
}

bool asks_for(const Route& route, std::string_view provider) {
  return !route.authentication ||  // the default's
         std::ranges::find(route.authentication->providers, provider) !=
             route.authentication->providers.end();
}

bool authentication_matters(std::string_view key, const workspace::Service& service) {
  const std::string_view rest = below(key, "gateway.authentication");
  const std::string_view provider = rest.substr(0, rest.find('.'));
  return std::ranges::any_of(service.routes, [&](const Route& route) {
    if (!provider.empty()) return asks_for(route, provider);
    return !route.authentication || !route.authentication->is_public();
  });
}

bool default_matters(std::string_view key, const workspace::Service& service) {
  const std::string_view name = below(key, "gateway.defaults");
  return std::ranges::any_of(service.routes, [&](const Route& route) {
    if (name == "timeout") return !route.timeout;
    if (name == "idleTimeout") return !route.idle_timeout;
    if (name.starts_with("authentication")) return !route.authentication;
    return true;
  });
}

}  // namespace

std::vector<std::string> changed_keys(const Node& before, const Node& after) {
  std::vector<std::string> out;
  compare(before, after, {}, out);
  std::ranges::sort(out);
  return out;
}

bool matters(std::string_view key, const workspace::Service& service) {
  if (key == "workspace" || key.empty()) return true;
  if (key != "gateway" && !key.starts_with("gateway.")) return false;
  if (service.routes.empty()) return false;
  // Where the gateway listens, what it writes and who administers it is nothing that a service sees.
  for (std::string_view aside : {"gateway.listeners", "gateway.accessLog", "gateway.admin", "gateway.routes"})
    if (key == aside || !below(key, aside).empty()) return false;
  if (key == "gateway.authentication" || !below(key, "gateway.authentication").empty())
    return authentication_matters(key, service);
  if (!below(key, "gateway.defaults").empty()) return default_matters(key, service);
  return true;
}

}  // namespace msctl::graph
