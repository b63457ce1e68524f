#include <nlohmann/json.hpp>

#include "gateway/filters/problem/problem.h"
#include "tests/unit/gateway/filters/fixture.h"

using namespace msctl::gateway;
using namespace msctl::gateway::filters;

TEST_CASE_METHOD(Fixture, "what belongs to one connection stays there") {
  arrive(
      "POST /\nConnection: close, X-Named\nKeep-Alive: 5\nProxy-Connection: x\nTE: trailers\nTrailer: "
      "X\nUpgrade: h2c\nX-Named: 1\n"
      "HTTP2-Settings: x\nProxy-Authorization: x\nContent-Length: 0\nExpect: 100-continue\nContent_Length: "
      "5\nAccept: a\nCookie: c");
  std::string out = forwarded();
  for (auto name :
       {"Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Upgrade", "X-Named",
        "HTTP2-Settings", "Proxy-Authorization", "Content-Length", "Expect", "Host", "Content_Length"}) {
    INFO(name);
    CHECK(value(out, name) == "-");
  }
  CHECK(value(out, "Accept") == "a");
  CHECK(value(out, "Cookie") == "c");
  std::string back = returned(
      "Connection: X-Secret\r\nX-Secret: 1\r\nKeep-Alive: 5\r\nContent-Length: 0\r\nTrailer: "
      "X\r\nX-Consumer-Name: acme\r\nETag: 1\r\n");
  for (auto name : {"Connection", "X-Secret", "Keep-Alive", "Content-Length", "Trailer"})
    CHECK(value(back, name) == "-");
  CHECK(value(back, "ETag") == "1");
  CHECK(value(back, "X-Consumer-Name") == "acme");  // an answer may say what it likes
}

TEST_CASE_METHOD(Fixture, "fields are removed, renamed, set and added, in this order") {
  route.request.headers.remove = {"cookie", "X-Gone"};
  route.request.headers.rename = {{"X-Old", "X-New"}, {"Cookie", "X-Cookie"}};
  route.request.headers.set = {{"X-Shop", "eu"}, {"X-New", "set"}};
  route.request.headers.add = {{"X-Tag", "b"}};
  route.response.set = {{"X-Served-By", "{upstream.replica}"}};
  route.response.remove = {"Server"};
  arrive("GET /\nCookie: a=b\nX-Old: 1\nx-shop: us\nX-Shop: uk\nX-Tag: a\nX-New: sent");
  std::string out = forwarded();
  CHECK(value(out, "Cookie") == "-");
  CHECK(value(out, "X-Cookie") == "-");
  CHECK(value(out, "X-Old") == "-");
  CHECK(value(out, "X-New") == "set");
  CHECK(value(out, "X-Shop") == "eu");
  CHECK(value(out, "X-Tag") == "twice");
  std::string back = returned("Server: x\r\nX-Served-By: me\r\nContent-Length: 0\r\n");
  CHECK(value(back, "Server") == "-");
  CHECK(value(back, "X-Served-By") == "orders-1");
}

TEST_CASE_METHOD(Fixture, "renaming keeps the value, and each of several") {
  route.request.headers.rename = {{"X-Old", "X-New"}};
  arrive("GET /\nX-Old: 1\nX-Old: 2");
  std::string out = forwarded();
  CHECK(value(out, "X-Old") == "-");
  CHECK(out.find("X-New: 1\nX-New: 2\n") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "variables") {
  route.match.path = "/orders/{id}/{item}";
  route.request.headers.set = {{"A", "{client.address}|{request.id}|{upstream.replica}"},
                               {"B", "{path.item}/{path.id}"},
                               {"C", "{consumer.name}"},
                               {"D", "{nothing} {"},
                               {"E", "{path.id}"}};
  arrive("GET /orders/7/x");
  parameters.values = {"7", "x"};
  parameters.size = 2;
  std::string out = forwarded();
  CHECK(value(out, "A") == "192.0.2.7|" + std::string(exchange.request_id) + "|orders-1");
  CHECK(value(out, "B") == "x/7");
  CHECK(value(out, "C") == "");
  CHECK(value(out, "D") == "{nothing} {");
  CHECK(value(out, "E") == "7");
}

TEST_CASE_METHOD(Fixture, "another replica: the request's edits are made anew") {
  route.request.headers.set = {{"X-R", "{upstream.replica}"}};
  arrive("GET /");
  forwarded();
  exchange.replica = "orders-2";
  CHECK(value(forwarded(), "X-R") == "orders-2");
  CHECK(value(forwarded(), "X-Forwarded-For") == "192.0.2.7");
}

TEST_CASE_METHOD(Fixture, "too many edits are noticed, not left out in silence") {
  route.request.headers.rename = {{"X-Old", "X-New"}};
  std::string lines = "GET /";
  for (int i = 0; i < 100; ++i) lines += "\nX-Old: 1";
  arrive(lines);
  forwarded();
  CHECK(exchange.request.overflow());
}

TEST_CASE_METHOD(Fixture, "paths lose the prefix at a segment's end, and the upstream learns of it") {
  auto path = [&](std::string_view from, std::string strip, std::string front = "") {
    route.request.strip_prefix = std::move(strip);
    route.request.replace_prefix = std::move(front);
    arrive("GET " + std::string(from));
    std::string out = forwarded();
    return out.substr(0, out.find('\n')) + " " + value(out, "X-Forwarded-Prefix");
  };
  CHECK(path("/orders/7", "/orders") == "/7 /orders");
  CHECK(path("/orders", "/orders") == "/ /orders");
  CHECK(path("/orders/", "/orders/") == "/ /orders");
  CHECK(path("/ordersx", "/orders") == "/ordersx -");
  CHECK(path("/orders/7", "/orders", "/v2/o") == "/v2/o/7 /orders");
  CHECK(path("/orders", "/orders", "/v2/") == "/v2 /orders");
  CHECK(path("/7", "", "/v2") == "/v2/7 -");
  CHECK(path("/", "", "") == "/ -");
  CHECK(path("/a/b", "/") == "/a/b -");
  config.trusted_proxies = {"10.0.0.1"};
  route.request.strip_prefix = "/orders";
  route.request.replace_prefix = "";
  arrive("GET /orders/7\nX-Forwarded-Prefix: /shop/", "10.0.0.1");
  CHECK(value(forwarded(), "X-Forwarded-Prefix") == "/shop/orders");
  route.request.strip_prefix = "";
  arrive("GET /orders/7\nX-Forwarded-Prefix: /shop", "10.0.0.1");
  CHECK(value(forwarded(), "X-Forwarded-Prefix") == "/shop");
}

TEST_CASE_METHOD(Fixture, "a fixed answer") {
  route.respond = config::Respond{403, "no", {{"X-Why", "because"}}};
  arrive("GET /");
  CHECK_FALSE(admit());
  CHECK(exchange.answer.status == 403);
  CHECK(exchange.answer.configured);
  CHECK(exchange.answer.body == "no");
  std::string out = answered();
  CHECK(value(out, "X-Why") == "because");
  CHECK(value(out, "Content-Type") == "text/plain; charset=utf-8");
  CHECK(value(out, "X-Request-Id") == std::string(exchange.request_id));
}

TEST_CASE("problem documents are JSON, whatever the detail holds") {
  Arena arena;
  std::string detail = "a \"quoted\" \\ \x01\n\x7f\xff";
  auto document =
      nlohmann::json::parse(write_problem(arena, 429, msctl::base::Code::gatewayRateLimited, detail, "id-1"));
  CHECK(document["type"] == "urn:msctl:MSC3006");
  CHECK(document["title"] == "too many requests");
  CHECK(document["status"] == 429);
  CHECK(document["detail"] == "a \"quoted\" \\ \x01\n\x7f\xc3\xbf");
  CHECK(document["code"] == "MSC3006");
  CHECK(document["requestId"] == "id-1");
}

TEST_CASE("the arena gives the same memory again after a reset, and large pieces too") {
  Arena arena;
  const char* first = arena.copy("abc").data();
  std::span<char> large = arena.take(10'000);
  CHECK(large.size() == 10'000);
  CHECK(arena.join(std::string_view("a"), std::string_view(""), std::string_view("bc")) == "abc");
  arena.reset();
  CHECK(arena.copy("xyz").data() == first);
  CHECK(arena.take(10'000).data() == large.data());
  std::span<char> room = arena.take(100);
  arena.keep(room, 10);
  CHECK(arena.take(1).data() == room.data() + 10);
}
