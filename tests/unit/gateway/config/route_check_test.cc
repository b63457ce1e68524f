#include "gateway/config/route_check.h"

#include "tests/catch.h"

using namespace msctl;
using gateway::config::Route;

namespace {

Route route(std::string name, std::string path, std::vector<std::string> methods = {},
            std::string host = {}) {
  Route out;
  out.name = std::move(name);
  out.match.path = std::move(path);
  out.match.methods = std::move(methods);
  out.match.host = std::move(host);
  out.at = {"msctl.yaml", 7, 3, 1, ""};
  return out;
}

base::Errors check(const std::vector<Route>& routes) {
  base::Errors errors;
  gateway::config::check_routes(routes, errors);
  return errors;
}

}  // namespace

TEST_CASE("routes that differ do not clash") {
  CHECK(check({route("a", "/a"), route("b", "/a/**"), route("c", "/a/{id}"), route("d", "/a/{id}/**"),
               route("e", "/a/")})
            .empty());
  CHECK(check({route("a", "/a", {"GET"}), route("b", "/a", {"POST"}), route("c", "/a")}).empty());
  CHECK(check({route("a", "/a"), route("b", "/a", {}, "x.example"), route("c", "/a", {}, "*.x.example")})
            .empty());
  Route with = route("b", "/a");
  with.match.headers = {{"X-Beta", "1"}};
  CHECK(check({route("a", "/a"), with}).empty());
}

TEST_CASE("routes that match the same requests clash, at the second one's place") {
  auto errors = check({route("a", "/a/{id}"), route("b", "/a/{name}")});
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].code == base::Code::routeConflict);
  CHECK(errors[0].at.line == 7);
  CHECK(errors[0].message.find("'a' (msctl.yaml:7)") != std::string::npos);
  CHECK(check({route("a", "/a", {"GET", "POST"}), route("b", "/a", {"PUT", "POST"})}).empty());
  CHECK(check({route("a", "/a", {"GET"}), route("b", "/a", {"GET", "POST"})}).empty());
  CHECK(check({route("a", "/a", {"GET", "POST"}), route("b", "/a", {"GET"})}).size() == 1);
  CHECK(check({route("a", "/a", {}, "X.example"), route("b", "/a", {}, "x.Example")}).size() == 1);
  Route x = route("x", "/a"), y = route("y", "/a");
  x.match.headers = {{"A", "1"}, {"B", "2"}};
  y.match.headers = {{"b", "2"}, {"a", "1"}};
  CHECK(check({x, y}).size() == 1);
  y.match.headers[0].second = "3";
  CHECK(check({x, y}).empty());
}

TEST_CASE("routes that can never match") {
  Route twice = route("a", "/a");
  twice.match.headers = {{"X", "1"}, {"x", "2"}};
  auto errors = check({twice});
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].code == base::Code::routeUnreachable);
  errors = check({route("a", "/a", {"get"})});
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].suggestion == "did you mean 'GET'?");
  errors = check({route("a", "/a/../b")});
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].code == base::Code::badPattern);
  CHECK(errors[0].suggestion == "write '/b'");
}
