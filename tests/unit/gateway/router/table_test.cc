#include "gateway/router/table.h"

#include <memory>
#include <random>

#include "gateway/path/pattern.h"
#include "gateway/router/tree.h"
#include "tests/catch.h"

using namespace msctl::gateway;
using router::Match;

namespace {

struct Routes {
  std::vector<config::Route> all;

  config::Route& add(std::string name, std::string path, std::vector<std::string> methods = {},
                     std::string host = {}) {
    config::Route route;
    route.name = std::move(name);
    route.match.path = std::move(path);
    route.match.methods = std::move(methods);
    route.match.host = std::move(host);
    all.push_back(std::move(route));
    return all.back();
  }

  // "name", "name(values,…)", "404" or "405 Allow".
  std::string ask(std::string_view path, std::string_view method = "GET", std::string_view host = "h",
                  std::string_view query = {},
                  const std::vector<std::pair<std::string, std::string>>& headers = {}) const {
    router::Table table(all);
    http1::Fields fields;
    for (const auto& [name, value] : headers) fields.add({name, value, http1::classify(name)});
    router::Request request{method, http1::Method::other, host, path, query, &fields};
    auto match = std::make_unique<Match>();
    table.match(request, *match);
    if (match->kind == Match::Kind::no_route) return "404";
    if (match->kind == Match::Kind::method_not_allowed) return "405 " + std::string(match->allow);
    std::string out = all[match->route].name;
    for (std::size_t i = 0; i < match->parameters.size; ++i)
      out += (i == 0 ? "(" : ",") + table.parameter_names(match->route)[i] + "=" +
             std::string(match->parameters.values[i]);
    return match->parameters.size > 0 ? out + ")" : out;
  }
};

}  // namespace

TEST_CASE("patterns match as the contract says") {
  Routes routes;
  routes.add("exact", "/a");
  routes.add("prefix", "/p/**");
  routes.add("one", "/o/{id}");
  CHECK(routes.ask("/a") == "exact");
  CHECK(routes.ask("/a/") == "404");
  CHECK(routes.ask("/ab") == "404");
  CHECK(routes.ask("/A") == "404");
  CHECK(routes.ask("/p") == "prefix");
  CHECK(routes.ask("/p/") == "prefix");
  CHECK(routes.ask("/p/b") == "prefix");
  CHECK(routes.ask("/p/b/c") == "prefix");
  CHECK(routes.ask("/pb") == "404");
  CHECK(routes.ask("/o/7") == "one(id=7)");
  CHECK(routes.ask("/o/") == "404");
  CHECK(routes.ask("/o") == "404");
  CHECK(routes.ask("/o/7/") == "404");
  CHECK(routes.ask("/o/7/8") == "404");
  CHECK(routes.ask("/") == "404");
  routes.add("all", "/**");
  CHECK(routes.ask("/") == "all");
  CHECK(routes.ask("/ab") == "all");
}

TEST_CASE("within a host: exact, then parameters, then the longest prefix") {
  Routes routes;
  routes.add("all", "/**");
  routes.add("a", "/a/**");
  routes.add("a-b", "/a/b/**");
  routes.add("a-x", "/a/{x}");
  routes.add("a-c", "/a/c");
  routes.add("a-x-y", "/a/{x}/{y}");
  routes.add("x-b-y", "/{x}/b/{y}");
  routes.add("x-deep", "/{x}/{y}/{z}/**");
  CHECK(routes.ask("/a/c") == "a-c");
  CHECK(routes.ask("/a/b") == "a-x(x=b)");
  CHECK(routes.ask("/a/b/") == "a-b");
  CHECK(routes.ask("/a/b/c") == "a-x-y(x=b,y=c)");  // literal from the left counts more than /{x}/b/{y}
  CHECK(routes.ask("/z/b/c") == "x-b-y(x=z,y=c)");
  CHECK(routes.ask("/a/b/c/d") == "x-deep(x=a,y=b,z=c)");  // three segments are longer than two
  CHECK(routes.ask("/a/") == "a");
  CHECK(routes.ask("/b") == "all");
}

TEST_CASE("hosts: exact, then the longest wildcard, then none") {
  Routes routes;
  routes.add("none", "/**");
  routes.add("wild", "/**", {}, "*.shop.example");
  routes.add("wilder", "/**", {}, "*.eu.shop.example");
  routes.add("exact", "/**", {}, "API.shop.example");
  routes.add("only", "/only/exact", {}, "none.example");
  CHECK(routes.ask("/x", "GET", "api.SHOP.example") == "exact");
  CHECK(routes.ask("/x", "GET", "www.shop.example") == "wild");
  CHECK(routes.ask("/x", "GET", "a.b.shop.example") == "wild");
  CHECK(routes.ask("/x", "GET", "a.eu.shop.example") == "wilder");
  CHECK(routes.ask("/x", "GET", "shop.example") == "none");
  CHECK(routes.ask("/x", "GET", ".shop.example") == "none");
  CHECK(routes.ask("/x", "GET", "xshop.example") == "none");
  CHECK(routes.ask("/x", "GET", "") == "none");
  CHECK(routes.ask("/x", "GET", "none.example") == "none");  // a host without a route for the path
  CHECK(routes.ask("/x", "GET", "[::1]") == "none");
  routes.add("deep", "/a/b", {}, "");
  CHECK(routes.ask("/a/b", "GET", "www.shop.example") == "wild");  // the host comes before the path
}

TEST_CASE("the most specific path decides on the method") {
  Routes routes;
  routes.add("all", "/**");
  routes.add("read", "/admin/**", {"GET"});
  routes.add("write", "/admin/**", {"POST", "PUT"});
  CHECK(routes.ask("/admin/x", "GET") == "read");
  CHECK(routes.ask("/admin/x", "HEAD") == "read");
  CHECK(routes.ask("/admin/x", "PUT") == "write");
  CHECK(routes.ask("/admin/x", "DELETE") == "405 GET, HEAD, POST, PUT");
  CHECK(routes.ask("/admin/x", "OPTIONS") == "405 GET, HEAD, POST, PUT");
  CHECK(routes.ask("/admin/x", "get") == "405 GET, HEAD, POST, PUT");
  CHECK(routes.ask("/other", "DELETE") == "all");
  routes.add("any", "/admin/**");
  CHECK(routes.ask("/admin/x", "DELETE") == "any");
  CHECK(routes.ask("/admin/x", "HEAD") == "read");
  routes.add("head", "/admin/**", {"HEAD"});
  CHECK(routes.ask("/admin/x", "HEAD") == "head");
  // Even on another host.
  routes.add("strict", "/s", {"GET"}, "a.example");
  routes.add("loose", "/s");
  CHECK(routes.ask("/s", "POST", "a.example") == "405 GET, HEAD");
}

TEST_CASE("header and query conditions") {
  Routes routes;
  routes.add("plain", "/a");
  routes.add("beta", "/a").match.headers = {{"X-Beta", "1"}};
  routes.add("two", "/a").match.headers = {{"X-Beta", "1"}, {"X-Eu", "yes"}};
  routes.add("v2", "/a").match.query = {{"v", "2"}};
  routes.add("space", "/a").match.query = {{"q", "a b"}};
  CHECK(routes.ask("/a") == "plain");
  CHECK(routes.ask("/a", "GET", "", "", {{"x-beta", "1"}}) == "beta");
  CHECK(routes.ask("/a", "GET", "", "", {{"X-Beta", "2"}}) == "plain");
  CHECK(routes.ask("/a", "GET", "", "", {{"X-Beta", "1"}, {"X-Beta", "1"}}) == "plain");
  CHECK(routes.ask("/a", "GET", "", "", {{"X-Eu", "yes"}, {"X-Beta", "1"}}) == "two");
  CHECK(routes.ask("/a", "GET", "", "v=2") == "v2");
  CHECK(routes.ask("/a", "GET", "", "x=1&%76=%32") == "v2");
  CHECK(routes.ask("/a", "GET", "", "v=1&v=2") == "plain");
  CHECK(routes.ask("/a", "GET", "", "v=22") == "plain");
  CHECK(routes.ask("/a", "GET", "", "v") == "plain");
  CHECK(routes.ask("/a", "GET", "", "q=a+b") == "space");
  CHECK(routes.ask("/a", "GET", "", "q=a%20b") == "space");
  CHECK(routes.ask("/a", "GET", "", "v=2", {{"X-Beta", "1"}}) == "beta");
  // Conditions that do not hold are as if the route were not there: a less specific path may answer.
  Routes canary;
  canary.add("all", "/**");
  canary.add("canary", "/a", {"GET"}).match.headers = {{"X-Canary", "1"}};
  CHECK(canary.ask("/a") == "all");
  CHECK(canary.ask("/a", "POST", "", "", {{"X-Canary", "1"}}) == "405 GET, HEAD");
}

TEST_CASE("a named method comes before header conditions, and the order of the file last") {
  Routes routes;
  routes.add("headers", "/a").match.headers = {{"X", "1"}};
  routes.add("named", "/a", {"GET"});
  CHECK(routes.ask("/a", "GET", "", "", {{"X", "1"}}) == "named");
  CHECK(routes.ask("/a", "PUT", "", "", {{"X", "1"}}) == "headers");
  Routes order;
  order.add("first", "/a").match.headers = {{"X", "1"}};
  order.add("second", "/a").match.headers = {{"Y", "1"}};
  CHECK(order.ask("/a", "GET", "", "", {{"X", "1"}, {"Y", "1"}}) == "first");
}

// Against a matcher that tries every pattern: the same answer for random patterns and paths.
TEST_CASE("the tree finds what trying each pattern finds") {
  std::mt19937 random(20260131);
  auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  const std::vector<std::string> words{"a", "b", "ab", "abc", "x"};
  auto naive = [](const path::Pattern& pattern, std::string_view rest) {
    for (const path::Segment& segment : pattern.segments) {
      if (rest.empty()) return false;
      rest.remove_prefix(1);
      std::string_view part = rest.substr(0, rest.find('/'));
      if (segment.parameter ? part.empty() : part != segment.text) return false;
      rest.remove_prefix(part.size());
    }
    return rest.empty() || pattern.prefix;
  };
  for (int round = 0; round < 300; ++round) {
    router::Tree tree;
    std::vector<std::pair<path::Pattern, const router::Leaf*>> patterns;
    int count = 1 + pick(20);
    for (int i = 0; i < count; ++i) {
      std::string text;
      for (int depth = pick(5); depth > 0; --depth)
        text += pick(3) == 0 ? "/{p" + std::to_string(depth) + "}"
                             : "/" + words[static_cast<std::size_t>(pick(5))];
      text += pick(3) == 0 || text.empty() ? "/**" : "";
      auto pattern = path::parse_pattern(text);
      REQUIRE(pattern);
      const router::Leaf* leaf = &tree.insert(*pattern);
      patterns.emplace_back(*pattern, leaf);
    }
    for (int i = 0; i < 100; ++i) {
      std::string path;
      for (int depth = 1 + pick(5); depth > 0; --depth)
        path += "/" + words[static_cast<std::size_t>(pick(5))];
      if (pick(4) == 0) path += "/";
      std::uint64_t below = router::Tree::any_rank;
      while (true) {
        std::uint64_t best = 0;
        const router::Leaf* expected = nullptr;
        for (const auto& [pattern, leaf] : patterns)
          if (naive(pattern, path) && leaf->rank < below && (!expected || leaf->rank > best))
            expected = leaf, best = leaf->rank;
        const router::Leaf* found = tree.find(path, below);
        INFO(path);
        REQUIRE(found == expected);
        if (!found) break;
        below = found->rank;
      }
    }
  }
}
