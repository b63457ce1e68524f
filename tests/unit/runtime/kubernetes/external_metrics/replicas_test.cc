#include "runtime/kubernetes/external_metrics/replicas.h"

#include <map>
#include <mutex>

#include "gateway/traffic/document.h"
#include "tests/catch.h"

using namespace msctl;
using namespace msctl::kubernetes::external_metrics;

namespace {

std::string page(double per_second, std::uint64_t in_flight, double seconds) {
  gateway::traffic::Traffic out;
  out.seconds = seconds;
  out.upstreams["orders"].per_second = per_second;
  out.upstreams["orders"].in_flight = in_flight;
  return to_json(out);
}

struct Gateways final : http::Transport {
  std::map<std::string, std::string> pages;  // by address; an address without one refuses
  std::mutex mutex;
  std::vector<std::string> asked;

  std::expected<http::Response, http::Failure> send(const http::Request& request) override {
    const std::lock_guard lock(mutex);
    asked.push_back(request.url.text());
    const auto found = pages.find(request.url.host);
    if (found == pages.end())
      return std::unexpected(http::Failure{http::Failure::Kind::connect, "connection refused"});
    http::Response out;
    out.status = 200;
    out.body = found->second;
    return out;
  }
};

const Query query{"staging", Metric::requests_per_second, "shop", "orders"};

}  // namespace

TEST_CASE("all gateways of the workspace are asked, and added up", "[external_metrics]") {
  Gateways gateways;
  gateways.pages = {{"10.0.0.1", page(10, 2, 30)}, {"10.0.0.2", page(5.5, 1, 12)}};
  std::string host;
  Replicas replicas(
      gateways,
      [&](const std::string& of) {
        host = of;
        return std::vector<std::string>{"10.0.0.1", "10.0.0.2"};
      },
      9090);
  const auto sum = replicas.ask(query);
  REQUIRE(sum);
  CHECK(host == "msctl-shop-gateway.staging.svc");
  CHECK(sum->flow.per_second == 15.5);
  CHECK(sum->flow.in_flight == 3);
  CHECK(sum->seconds == 12);
  CHECK(gateways.asked.size() == 2);
  // Nobody has asked for it yet, so that it has no traffic.
  const auto other = replicas.ask({"staging", Metric::concurrency, "shop", "users"});
  REQUIRE(other);
  CHECK(other->flow.per_second == 0);
}

TEST_CASE("what a canary gets is its service's", "[external_metrics]") {
  gateway::traffic::Traffic told;
  told.seconds = 30;
  told.upstreams["orders"].per_second = 9;
  told.upstreams["orders-canary"].per_second = 1;
  told.upstreams["orders-other"].per_second = 100;
  Gateways gateways;
  gateways.pages = {{"10.0.0.1", to_json(told)}};
  Replicas replicas(gateways, [](const std::string&) { return std::vector<std::string>{"10.0.0.1"}; }, 9090);
  const auto sum = replicas.ask(query);
  REQUIRE(sum);
  CHECK(sum->flow.per_second == 10);
}

TEST_CASE("with one gateway missing there is no number", "[external_metrics]") {
  Gateways gateways;
  gateways.pages = {{"10.0.0.1", page(10, 2, 30)}};
  std::vector<std::string> addresses{"10.0.0.1", "10.0.0.2"};
  Replicas replicas(gateways, [&](const std::string&) { return addresses; }, 9090);
  auto sum = replicas.ask(query);
  REQUIRE_FALSE(sum);
  CHECK(sum.error().code == base::Code::gatewaysSilent);
  CHECK(sum.error().message.find("10.0.0.2: connection refused") != std::string::npos);
  gateways.pages["10.0.0.2"] = "not a page";
  CHECK_FALSE(replicas.ask(query));
  // Without any gateway it is not known that there is no traffic.
  addresses.clear();
  sum = replicas.ask(query);
  REQUIRE_FALSE(sum);
  CHECK(sum.error().message.find("no gateway of shop is ready") != std::string::npos);
}
