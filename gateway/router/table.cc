#include "gateway/router/table.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <tuple>

#include "gateway/http1/scan.h"
#include "gateway/path/pattern.h"
#include "gateway/router/conditions.h"
#include "gateway/router/tree.h"

namespace msctl::gateway::router {
namespace {

struct Compiled {
  Conditions conditions;
  std::string host;  // lower case; ".shop.example" for a wildcard
  std::uint64_t rank = 0;
  std::vector<bool> segments;  // whether each segment is a parameter
  std::vector<std::string> names;
};

std::string host_key(std::string_view pattern) {
  std::string key(pattern.starts_with("*.") ? pattern.substr(1) : pattern);
  std::ranges::transform(key, key.begin(), http1::lower);
  return key;
}

// 2 exact, 1 wildcard, 0 none.
int host_class(std::string_view key) {
  return key.empty() ? 0 : key[0] == '.' ? 1 : 2;
}

void take_parameters(const Compiled& route, std::string_view path, Parameters& parameters) {
  parameters.size = 0;
  for (bool is_parameter : route.segments) {
    path.remove_prefix(1);
    std::string_view segment = path.substr(0, path.find('/'));
    if (is_parameter && parameters.size < max_parameters) parameters.values[parameters.size++] = segment;
    path.remove_prefix(segment.size());
  }
}

// The value of Allow, put together in a match's room.
class AllowList {
public:
  explicit AllowList(std::array<char, 512>& room) : room_(room) {}
  void add(std::string_view method) {
    if (has(method) || size_ + method.size() + 2 > room_.size()) return;
    if (size_ > 0) put(", ");
    put(method);
  }
  std::string_view text() const { return {room_.data(), size_}; }

private:
  bool has(std::string_view method) const {
    bool found = false;
    http1::for_each_element(text(), [&](std::string_view each) { found = found || each == method; });
    return found;
  }
  void put(std::string_view text) {
    std::memcpy(room_.data() + size_, text.data(), text.size());
    size_ += text.size();
  }
  std::array<char, 512>& room_;
  std::size_t size_ = 0;
};

}  // namespace

struct Table::Implementation {
  std::vector<Compiled> routes;
  std::vector<std::pair<std::string, Tree>> hosts;  // by key, sorted
  Tree any_host;
  bool has_any_host = false;

  void insert(const config::Route& route, std::uint32_t index);
  const Tree* tree_of(std::string_view key) const;
  bool match_in(const Tree& tree, const Request& request, Match& match) const;
  bool decide(const Leaf& leaf, const Request& request, Match& match) const;
  void collect_allow(const Leaf& leaf, const Request& request, Match& match) const;
};

void Table::Implementation::insert(const config::Route& route, std::uint32_t index) {
  Compiled& compiled = routes[index];
  compiled.conditions = Conditions(route.match);
  compiled.host = host_key(route.match.host);
  auto pattern = path::parse_pattern(route.match.path);
  if (!pattern) return;  // check_routes has told; such a route matches nothing
  compiled.rank = specificity(*pattern);
  for (const path::Segment& segment : pattern->segments) {
    compiled.segments.push_back(segment.parameter);
    if (segment.parameter) compiled.names.push_back(segment.text);
  }
  Tree* tree = &any_host;
  if (compiled.host.empty()) {
    has_any_host = true;
  } else {
    auto at = std::ranges::lower_bound(hosts, compiled.host, {}, &std::pair<std::string, Tree>::first);
    if (at == hosts.end() || at->first != compiled.host) at = hosts.insert(at, {compiled.host, Tree{}});
    tree = &at->second;
  }
  Leaf& leaf = tree->insert(*pattern);
  leaf.routes.push_back(index);
  std::ranges::stable_sort(leaf.routes, [&](std::uint32_t a, std::uint32_t b) {
    return routes[a].conditions.more_specific_than(routes[b].conditions);
  });
}

const Tree* Table::Implementation::tree_of(std::string_view key) const {
  auto at =
      std::ranges::lower_bound(hosts, key, {}, [](const auto& each) { return std::string_view(each.first); });
  return at != hosts.end() && at->first == key ? &at->second : nullptr;
}

// Whether this pattern's routes settle the request: found, or 405.
bool Table::Implementation::decide(const Leaf& leaf, const Request& request, Match& match) const {
  MethodFit best = MethodFit::none;
  bool any_holds = false;
  for (std::uint32_t index : leaf.routes) {
    const Conditions& conditions = routes[index].conditions;
    MethodFit fit = conditions.fit(request.method);
    if (fit <= best && any_holds) continue;
    if (!conditions.hold(request.fields, request.query)) continue;
    any_holds = true;
    if (fit <= best) continue;
    best = fit;
    match.route = index;
    if (fit == MethodFit::named) break;
  }
  if (best != MethodFit::none) {
    match.kind = Match::Kind::found;
    take_parameters(routes[match.route], request.path, match.parameters);
  } else if (any_holds) {
    match.kind = Match::Kind::method_not_allowed;
    collect_allow(leaf, request, match);
  }
  return any_holds;
}

void Table::Implementation::collect_allow(const Leaf& leaf, const Request& request, Match& match) const {
  AllowList allow(match.room);
  for (std::uint32_t index : leaf.routes) {
    if (!routes[index].conditions.hold(request.fields, request.query)) continue;
    for (const std::string& method : routes[index].conditions.methods()) {
      allow.add(method);
      if (method == "GET") allow.add("HEAD");
    }
  }
  match.allow = allow.text();
}

bool Table::Implementation::match_in(const Tree& tree, const Request& request, Match& match) const {
  std::uint64_t below = Tree::any_rank;
  while (const Leaf* leaf = tree.find(request.path, below)) {
    if (decide(*leaf, request, match)) return true;
    below = leaf->rank;
  }
  return false;
}

Table::Table(const std::vector<config::Route>& routes) : implementation_(std::make_unique<Implementation>()) {
  implementation_->routes.resize(routes.size());
  for (std::uint32_t i = 0; i < routes.size(); ++i) implementation_->insert(routes[i], i);
}
Table::Table(Table&&) noexcept = default;
Table& Table::operator=(Table&&) noexcept = default;
Table::~Table() = default;

void Table::match(const Request& request, Match& match) const {
  const Implementation& all = *implementation_;
  match.kind = Match::Kind::no_route;
  match.allow = {};
  match.parameters.size = 0;
  std::array<char, 256> room;
  if (!all.hosts.empty() && !request.host.empty() && request.host.size() <= room.size()) {
    std::ranges::transform(request.host, room.begin(), http1::lower);
    std::string_view host(room.data(), request.host.size());
    // A key with a dot in front is a wildcard's; no host is meant by it.
    if (const Tree* tree = host[0] == '.' ? nullptr : all.tree_of(host);
        tree && all.match_in(*tree, request, match))
      return;
    for (std::size_t dot = host.find('.', 1); dot != std::string_view::npos; dot = host.find('.', dot + 1))
      if (const Tree* tree = all.tree_of(host.substr(dot)); tree && all.match_in(*tree, request, match))
        return;
  }
  if (all.has_any_host) all.match_in(all.any_host, request, match);
}

const std::vector<std::string>& Table::parameter_names(std::uint32_t route) const {
  return implementation_->routes[route].names;
}

std::vector<std::uint32_t> Table::by_precedence() const {
  const std::vector<Compiled>& routes = implementation_->routes;
  std::vector<std::uint32_t> order(routes.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, [&](std::uint32_t a, std::uint32_t b) {
    const Compiled &x = routes[a], &y = routes[b];
    if (x.host != y.host) {
      auto key = [](const Compiled& each) { return std::tuple(host_class(each.host), each.host.size()); };
      return key(x) != key(y) ? key(x) > key(y) : x.host < y.host;
    }
    return x.rank != y.rank ? x.rank > y.rank : x.conditions.more_specific_than(y.conditions);
  });
  return order;
}

}  // namespace msctl::gateway::router
