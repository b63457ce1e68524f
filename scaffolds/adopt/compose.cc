#include "scaffolds/adopt/compose.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>

namespace msctl::scaffolds::adopt {
namespace {

using yaml::Node;

// What the default of each variable gives: ${PORT:-8080} → 8080.
std::string defaults(std::string_view text) {
  return expand(text, {});
}

std::optional<int> port_in(std::string_view text) {
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool ends = end == text.data() + text.size() || *end == '-' || *end == '/';
  if (error != std::errc{} || !ends || port < 1 || port > 65535) return std::nullopt;
  return port;
}

// Merge keys (<<: *common) resolved: what stands in the map itself wins, then the first that has a key.
Node without_merges(const Node& node) {
  Node out = node;
  for (Node& item : out.items) item = without_merges(item);
  out.entries.clear();
  std::vector<Node> merged;
  for (const Node::Entry& entry : node.entries) {
    if (entry.key.scalar != "<<") {
      out.entries.push_back({entry.key, without_merges(entry.value)});
      continue;
    }
    if (entry.value.is_map()) merged.push_back(without_merges(entry.value));
    for (const Node& item : entry.value.items)
      if (item.is_map()) merged.push_back(without_merges(item));
  }
  for (const Node& map : merged)
    for (const Node::Entry& entry : map.entries)
      if (out.find(entry.key.scalar) == nullptr) out.entries.push_back(entry);
  return out;
}

class ServiceReader {
public:
  ServiceReader(const std::string& file, std::string folder) : file_(file), folder_(std::move(folder)) {}

  ComposeService read(const Node& key, const Node& node) const {
    ComposeService out;
    out.name = key.scalar;
    out.at = place(key);
    if (const Node* image = node.find("image"); image != nullptr && image->is_scalar()) {
      out.image = defaults(image->scalar);
      out.image_at = place(*image);
    }
    read_build(node.find("build"), out);
    read_ports(node.find("ports"), out);
    read_ports(node.find("expose"), out);
    read_env(node.find("environment"), out);
    read_env_files(node.find("env_file"), out);
    for (const char* each : {"depends_on", "links"}) read_needs(node.find(each), out);
    out.command = command(node.find("command"), out.command_at);
    out.entrypoint = command(node.find("entrypoint"), out.command_at);
    if (const Node* health = node.find("healthcheck"); health != nullptr)
      if (const Node* test = health->find("test")) read_health(*test, out);
    for (const char* each : {"volumes", "configs", "secrets", "network_mode", "devices", "extends"})
      if (const Node* unused = node.find(each)) out.unused.emplace_back(each, place(*unused));
    return out;
  }

private:
  Place place(const Node& node) const { return {file_, node.line}; }

  // A path from the file's folder, as one from the root; nothing where it leads outside.
  std::optional<std::string> path(const std::string& text) const {
    std::string out =
        std::filesystem::path(folder_.empty() ? text : folder_ + "/" + text).lexically_normal().string();
    while (out.ends_with('/')) out.pop_back();
    if (out == ".") return std::string{};
    if (out.starts_with('/') || out == ".." || out.starts_with("../")) return std::nullopt;
    return out;
  }

  void read_build(const Node* build, ComposeService& out) const {
    if (build == nullptr) return;
    std::string context = ".", dockerfile = "Dockerfile";
    if (build->is_scalar()) context = defaults(build->scalar);
    if (const Node* each = build->find("context"); each != nullptr) context = defaults(each->scalar);
    if (const Node* each = build->find("dockerfile"); each != nullptr) dockerfile = defaults(each->scalar);
    if (const Node* each = build->find("target"); each != nullptr) out.target = defaults(each->scalar);
    if (const Node* each = build->find("args"); each != nullptr) {
      for (const Node::Entry& entry : each->entries) out.arguments.push_back(defaults(entry.value.scalar));
      for (const Node& item : each->items)
        out.arguments.push_back(defaults(item.scalar.substr(item.scalar.find('=') + 1)));
    }
    if (context.find("://") != std::string::npos || context.starts_with("git@")) return;
    const auto folder = path(context);
    if (!folder) return;
    out.builds = true;
    out.context = *folder;
    if (auto file = path(context + "/" + dockerfile)) out.dockerfile = *file;
  }

  // 80, "8080:80", "127.0.0.1:8080:80/tcp", {target: 80}.
  void read_ports(const Node* ports, ComposeService& out) const {
    if (ports == nullptr) return;
    for (const Node& item : ports->items) {
      const Node* target = item.is_map() ? item.find("target") : &item;
      const Node* protocol = item.is_map() ? item.find("protocol") : nullptr;
      if (target == nullptr || !target->is_scalar()) continue;
      std::string text = defaults(target->scalar);
      if (text.ends_with("/udp") || (protocol != nullptr && protocol->scalar == "udp")) continue;
      if (const std::size_t colon = text.rfind(':'); colon != std::string::npos)
        text = text.substr(colon + 1);
      if (auto port = port_in(text)) out.ports.emplace_back(*port, place(item));
    }
  }

  void read_env(const Node* env, ComposeService& out) const {
    if (env == nullptr) return;
    for (const Node::Entry& entry : env->entries)
      out.env.push_back({entry.key.scalar, entry.value.scalar, place(entry.key), entry.value.is_null()});
    for (const Node& item : env->items) {
      const std::size_t equals = item.scalar.find('=');
      out.env.push_back({item.scalar.substr(0, equals),
                         equals == std::string::npos ? std::string{} : item.scalar.substr(equals + 1),
                         place(item), equals == std::string::npos});
    }
  }

  void read_env_files(const Node* files, ComposeService& out) const {
    if (files == nullptr) return;
    auto add = [&](const Node& node) {
      const Node* named = node.is_map() ? node.find("path") : &node;
      const Node* required = node.find("required");
      if (named != nullptr && named->is_scalar())
        if (auto file = path(defaults(named->scalar)))
          out.env_files.push_back({*file, place(node), required == nullptr || required->scalar != "false"});
    };
    if (files->is_scalar()) add(*files);
    for (const Node& item : files->items) add(item);
  }

  void read_needs(const Node* needs, ComposeService& out) const {
    if (needs == nullptr) return;
    for (const Node& item : needs->items)
      out.needs.emplace_back(item.scalar.substr(0, item.scalar.find(':')), place(item));
    for (const Node::Entry& entry : needs->entries)
      out.needs.emplace_back(entry.key.scalar, place(entry.key));
  }

  std::optional<ImageCommand> command(const Node* node, Place& at) const {
    if (node == nullptr || node->is_null() || node->is_map()) return std::nullopt;
    ImageCommand out;
    out.at = node->line;
    at = place(*node);
    for (const Node& item : node->items) out.words.push_back(defaults(item.scalar));
    if (node->is_scalar()) {
      // Compose splits it itself: no shell is asked.
      if (auto words = simple_words(defaults(node->scalar)))
        out.words = std::move(*words);
      else
        out.line = node->scalar;
    }
    return out;
  }

  void read_health(const Node& test, ComposeService& out) const {
    ImageCommand health;
    health.at = test.line;
    out.health_at = place(test);
    if (test.is_scalar()) health.line = defaults(test.scalar);
    for (const Node& item : test.items) health.words.push_back(defaults(item.scalar));
    if (!health.words.empty() && health.words.front() == "CMD-SHELL" && health.words.size() > 1)
      health = {{}, health.words[1], health.at};
    else if (!health.words.empty() && health.words.front() == "CMD")
      health.words.erase(health.words.begin());
    if (!health.words.empty() && health.words.front() == "NONE") return;
    out.health = std::move(health);
  }

  const std::string& file_;
  std::string folder_;
};

}  // namespace

const std::vector<std::string>& compose_names() {
  static const std::vector<std::string> names{"compose.yaml", "compose.yml", "docker-compose.yaml",
                                              "docker-compose.yml"};
  return names;
}

Compose read_compose(const std::string& file, const Node& document) {
  Compose out;
  const Node root = without_merges(document);
  const Node* services = root.find("services");
  if (const Node* name = root.find("name"); name != nullptr && name->is_scalar()) out.name = name->scalar;
  if (services == nullptr || !services->is_map()) {
    const Node& where = services == nullptr ? root : *services;
    out.errors.push_back({base::Code::adoptUnreadable,
                          "a Compose file without a map of 'services'",
                          where.location(),
                          "services: {NAME: …}",
                          {},
                          {}});
    return out;
  }
  const ServiceReader reader(file, parent_of(file));
  for (const Node::Entry& entry : services->entries) {
    if (entry.value.is_map())
      out.services.push_back(reader.read(entry.key, entry.value));
    else
      out.errors.push_back({base::Code::adoptUnreadable,
                            fmt::format("the service '{}' is no map", entry.key.scalar),
                            entry.key.location(),
                            "image: …, or build: …",
                            {},
                            {}});
  }
  return out;
}

}  // namespace msctl::scaffolds::adopt
