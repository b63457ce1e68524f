// A request through a route's filters: whatever it says, the upstream gets one identity, one client address
// from the gateway, no field of the connection's, and no byte that ends a line early.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "gateway/filters/chain/chain.h"
#include "gateway/path/normalise.h"
#include "tests/fuzz/check.h"

using namespace msctl::gateway;
using namespace msctl::gateway::filters;

namespace {

struct World {
  config::Config config;
  Shared shared;
  std::unique_ptr<Chain> chain;
  Arena arena;
  Random random{1};
  Exchange exchange;
  std::unique_ptr<http1::RequestHead> head = std::make_unique<http1::RequestHead>();
  router::Parameters parameters;

  World() {
    config.trusted_proxies = {"10.0.0.0/8"};
    config::Provider keys;
    keys.name = "keys";
    keys.keys = {
        {"acme", "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b", {"gold"}}};  // "secret"
    config.authentication = {keys};
    config::Route route;
    route.name = "r";
    route.match.path = "/**";
    route.authentication = config::Authentication{false, {"keys"}};
    route.rate_limit =
        config::RateLimit{1, std::chrono::nanoseconds(1), config::RateLimit::By::header, "X-Tenant"};
    route.request.strip_prefix = "/a";
    route.request.headers.rename = {{"X-Old", "X-New"}};
    route.request.headers.set = {{"X-Who", "{client.address} {request.id}"}};
    chain = std::make_unique<Chain>(Prepared(config), route, shared);
    exchange.arena = &arena;
    exchange.random = &random;
  }
};

bool ends_a_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

void check_outgoing(const Exchange& exchange) {
  int names = 0, clients = 0;
  auto check = [&](std::string_view name, std::string_view value) {
    FUZZ_CHECK(!ends_a_line(name) && !ends_a_line(value));
    http1::Name id = http1::classify(name);
    FUZZ_CHECK(id != http1::Name::disguised && id != http1::Name::host && id != http1::Name::content_length);
    FUZZ_CHECK(id != http1::Name::transfer_encoding && id != http1::Name::connection &&
               id != http1::Name::upgrade && id != http1::Name::te);
    names += http1::same_name(name, "X-Consumer-Name");
    clients += id == http1::Name::x_forwarded_for;
    if (http1::same_name(name, "X-Consumer-Name")) FUZZ_CHECK(value == "acme");
    if (id == http1::Name::x_forwarded_for && !exchange.trusted) FUZZ_CHECK(value == "192.0.2.1");
    if (id == http1::Name::identity) FUZZ_CHECK(value == "acme" || value == "gold");
  };
  for (std::size_t i = 0; i < exchange.head->fields.size(); ++i)
    if (!exchange.request.removed(i)) check(exchange.head->fields[i].name, exchange.head->fields[i].value);
  for (const Header& each : exchange.request) check(each.name, each.value);
  if (!exchange.request.overflow()) FUZZ_CHECK(names == 1 && clients == 1);
  FUZZ_CHECK(exchange.upstream_path.starts_with('/'));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static World world;
  if (size == 0) return 0;
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  http1::Progress progress;
  if (http1::parse_request(text, {}, progress, *world.head).state != http1::Outcome::State::done ||
      world.head->asterisk)
    return 0;
  std::vector<char> scratch(path::room(world.head->path.size()));
  auto normal = path::normalise(world.head->path, scratch);
  if (!normal) return 0;
  Exchange& exchange = world.exchange;
  exchange.reset();
  exchange.head = world.head.get();
  exchange.path = *normal;
  exchange.peer = *parse_address((data[0] & 1) != 0 ? "10.0.0.1" : "192.0.2.1");
  exchange.parameters = &world.parameters;
  Edge(world.config).identify(exchange);
  FUZZ_CHECK(parse_address(exchange.client_address) == exchange.client);
  FUZZ_CHECK(!exchange.request_id.empty() && !ends_a_line(exchange.request_id));
  if (world.chain->admit(exchange)) {
    world.chain->request(exchange);
    check_outgoing(exchange);
  } else {
    FUZZ_CHECK(exchange.answer.status == 401 || exchange.answer.status == 429);
  }
  world.chain->response(exchange);
  for (const Header& each : exchange.response) FUZZ_CHECK(!ends_a_line(each.value));
  return 0;
}
