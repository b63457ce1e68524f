#include "gateway/server/compose.h"

#include <string>

#include "tests/catch.h"

namespace msctl::gateway::server {
namespace {

std::string joined(Slices& slices) {
  std::string text;
  for (const iovec& each : slices.all()) text.append(static_cast<const char*>(each.iov_base), each.iov_len);
  return text;
}

struct Request {
  explicit Request(std::string head_text) : text(std::move(head_text)) {
    http1::Progress progress;
    auto outcome = http1::parse_request(text, {}, progress, head);
    REQUIRE(outcome.state == http1::Outcome::State::done);
    exchange.head = &head;
    exchange.arena = &arena;
    exchange.upstream_path = head.path;
  }
  std::string composed(std::string_view upgrade = {}) {
    Slices slices;
    compose_request(exchange, "127.0.0.1:9001", upgrade, slices);
    return joined(slices);
  }
  std::string text;
  http1::RequestHead head;
  filters::Arena arena;
  filters::Exchange exchange;
};

TEST_CASE("what no filter touches goes out as it came, but for what belongs to the connection") {
  Request request(
      "GET /a?b=1 HTTP/1.1\r\nHost: shop.example\r\nAccept:  */*  \r\nConnection: "
      "keep-alive\r\nX-Empty:\r\nTE: trailers\r\nX-Last: 1\r\n\r\n");
  CHECK(request.composed() ==
        "GET /a?b=1 HTTP/1.1\r\nHost: shop.example\r\nAccept:  */*\r\nX-Empty:\r\nX-Last: 1\r\n\r\n");
}

TEST_CASE("removed fields stay behind and added ones follow, the framing is written anew") {
  Request request(
      "POST /a HTTP/1.1\r\nHost: h\r\nCookie: x\r\nA: 1\r\nContent-Length: 007\r\nExpect: "
      "100-continue\r\n\r\n");
  request.exchange.request.remove(1);
  request.exchange.request.add("X-Request-Id", "17");
  CHECK(request.composed() ==
        "POST /a HTTP/1.1\r\nHost: h\r\nA: 1\r\nX-Request-Id: 17\r\nContent-Length: 7\r\nExpect: "
        "100-continue\r\n\r\n");
}

TEST_CASE("HTTP/1.0 without Host names the replica, and the version is the gateway's") {
  Request request("GET / HTTP/1.0\r\n\r\n");
  CHECK(request.composed() == "GET / HTTP/1.1\r\nHost: 127.0.0.1:9001\r\n\r\n");
}

TEST_CASE("an upgrade is asked for anew") {
  Request request("GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, X-Hop\r\nUpgrade: websocket\r\n\r\n");
  CHECK(request.composed("websocket") ==
        "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
}

struct Response {
  explicit Response(std::string head_text, http1::Asked asked = {}) : text(std::move(head_text)) {
    http1::Progress progress;
    auto outcome = http1::parse_response(text, {}, asked, progress, head);
    REQUIRE(outcome.state == http1::Outcome::State::done);
    exchange.response_head = &head;
    exchange.arena = &arena;
  }
  std::string composed(const ResponseFraming& framing) {
    Slices slices;
    compose_response(exchange, framing, slices);
    return joined(slices);
  }
  std::string text;
  http1::ResponseHead head;
  filters::Arena arena;
  filters::Exchange exchange;
};

TEST_CASE("an answer with a length, kept and closed") {
  Response response(
      "HTTP/1.1 200 Fine\r\nServer: x\r\nContent-Length: 5\r\nKeep-Alive: timeout=5\r\nETag: \"a\"\r\n\r\n");
  CHECK(response.composed({.body = response.head.body}) ==
        "HTTP/1.1 200 Fine\r\nServer: x\r\nETag: \"a\"\r\nContent-Length: 5\r\n\r\n");
  CHECK(response.composed({.body = response.head.body, .connection = Connecting::close}) ==
        "HTTP/1.1 200 Fine\r\nServer: x\r\nETag: \"a\"\r\nContent-Length: 5\r\nConnection: close\r\n\r\n");
}

TEST_CASE("an answer without a date gets one, unless a filter sets it") {
  Response dated("HTTP/1.1 200 OK\r\nDate: then\r\n\r\n");
  CHECK(dated.composed({.body = {}, .date = "now"}) == "HTTP/1.1 200 OK\r\nDate: then\r\n\r\n");
  Response undated("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  CHECK(undated.composed({.body = {}, .date = "now"}) == "HTTP/1.1 200 OK\r\nDate: now\r\n\r\n");
  undated.exchange.response.add("date", "mine");
  CHECK(undated.composed({.body = {}, .date = "now"}) == "HTTP/1.1 200 OK\r\ndate: mine\r\n\r\n");
}

TEST_CASE("the answer to HEAD keeps its length without a body") {
  Response response("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", {.head = true, .upgrade = false});
  CHECK(response.composed({.body = response.head.body, .length_stays = true}) ==
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
}

TEST_CASE("a switch of protocols passes the protocol on") {
  Response response(
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: "
      "websocket\r\nSec-WebSocket-Accept: x\r\n\r\n",
      {.head = false, .upgrade = true});
  CHECK(response.composed({.body = {}, .connection = Connecting::upgrade}) ==
        "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: x\r\nConnection: Upgrade\r\nUpgrade: "
        "websocket\r\n\r\n");
}

}  // namespace
}  // namespace msctl::gateway::server
