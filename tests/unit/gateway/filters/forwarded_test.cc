#include "gateway/filters/forwarded/trace.h"
#include "tests/unit/gateway/filters/fixture.h"

using namespace msctl::gateway;
using namespace msctl::gateway::filters;

TEST_CASE_METHOD(Fixture, "the upstream is told who asks, and a client's own claims are dropped") {
  arrive(
      "GET /a\nX-Forwarded-For: 1.2.3.4\nx-forwarded-proto: https\nX-Forwarded-Host: evil\nForwarded: "
      "for=1.2.3.4\nX-Forwarded-Port: 1\n"
      "X-Real-IP: 1.2.3.4\nX-Request-Id: mine\nX-Forwarded-Prefix: /evil\nX_Forwarded_For: 1.2.3.4\nAccept: "
      "*/*");
  std::string out = forwarded();
  CHECK(value(out, "X-Forwarded-For") == "192.0.2.7");
  CHECK(value(out, "X-Forwarded-Proto") == "http");
  CHECK(value(out, "X-Forwarded-Host") == "shop.example:8080");
  CHECK(value(out, "Forwarded") == "for=192.0.2.7;host=\"shop.example:8080\";proto=http");
  CHECK(value(out, "X-Request-Id") == std::string(exchange.request_id));
  CHECK(exchange.request_id.size() == 32);
  CHECK(value(out, "X-Real-IP") == "-");
  CHECK(value(out, "X-Forwarded-Port") == "-");
  CHECK(value(out, "X-Forwarded-Prefix") == "-");
  CHECK(value(out, "X_Forwarded_For") == "-");
  CHECK(value(out, "Accept") == "*/*");
  CHECK(exchange.client_address == "192.0.2.7");
  CHECK(value(returned("X-Request-Id: upstream's\r\n"), "X-Request-Id") == std::string(exchange.request_id));
}

TEST_CASE_METHOD(Fixture, "a trusted proxy's claims are kept and added to") {
  config.trusted_proxies = {"10.0.0.0/8", "fd00::/8"};
  arrive(
      "GET /a\nX-Forwarded-For: 6.6.6.6, 203.0.113.9\nX-Forwarded-For: 10.0.0.2\nX-Forwarded-Proto: "
      "https\nX-Forwarded-Host: shop\n"
      "Forwarded: for=203.0.113.9\nX-Request-Id: abc-1\nX-Real-IP: 203.0.113.9\nX-Forwarded-Port: 443",
      "10.0.0.1");
  CHECK(exchange.trusted);
  CHECK(exchange.client_address == "203.0.113.9");
  CHECK(exchange.request_id == "abc-1");
  std::string out = forwarded();
  CHECK(value(out, "X-Forwarded-For") == "6.6.6.6, 203.0.113.9, 10.0.0.2, 10.0.0.1");
  CHECK(value(out, "X-Forwarded-Proto") == "https");
  CHECK(value(out, "X-Forwarded-Host") == "shop");
  CHECK(value(out, "Forwarded") == "for=203.0.113.9, for=10.0.0.1;host=\"shop.example:8080\";proto=http");
  CHECK(value(out, "X-Real-IP") == "203.0.113.9");
  CHECK(value(out, "X-Forwarded-Port") == "443");
}

TEST_CASE_METHOD(Fixture, "the client behind trusted proxies") {
  config.trusted_proxies = {"10.0.0.0/8", "fd00::/8"};
  auto client = [&](std::string_view fields, std::string_view peer = "10.0.0.1") {
    return std::string(arrive("GET /\n" + std::string(fields), peer).client_address);
  };
  CHECK(client("") == "10.0.0.1");
  CHECK(client("X-Forwarded-For: 1.1.1.1") == "1.1.1.1");
  CHECK(client("X-Forwarded-For: 9.9.9.9, 1.1.1.1, 10.2.2.2") == "1.1.1.1");
  CHECK(client("X-Forwarded-For: 10.3.3.3, 10.2.2.2") == "10.3.3.3");
  CHECK(client("X-Forwarded-For: 9.9.9.9, unknown, 10.2.2.2") == "10.2.2.2");
  CHECK(client("X-Forwarded-For: 1.1.1.1:5000") == "1.1.1.1");
  CHECK(client("X-Forwarded-For: [2001:db8::1]:5000", "fd00::1") == "2001:db8::1");
  CHECK(client("X-Forwarded-For: 1.1.1.1", "11.0.0.1") == "11.0.0.1");
  CHECK(client("X-Forwarded-For: 1.1.1.1", "::ffff:10.0.0.1") == "1.1.1.1");
  CHECK(client("Forwarded: for=9.9.9.9, for=1.1.1.1;by=\"a,b\", FOR=\"[fd00::2]:80\"") == "1.1.1.1");
  CHECK(client("Forwarded: for=\"_hidden\"") == "10.0.0.1");
  CHECK(client("Forwarded: proto=http, for=1.1.1.1\nX-Forwarded-For: 2.2.2.2") == "2.2.2.2");
  // A proxy appends to the line as it came: what a client left open must not swallow what the proxy says.
  for (const char* broken : {"for=9.9.9.9;by=\", for=1.1.1.1", "for=\"9.9.9.9, for=1.1.1.1",
                             "for=9.9.9.9;for=8.8.8.8, for=1.1.1.1", "for=9.9.9.9 for=1.1.1.1",
                             "for=, for=1.1.1.1", "=x, for=1.1.1.1", "for=\"a\\"}) {
    INFO(broken);
    CHECK(client(std::string("Forwarded: ") + broken) == "10.0.0.1");
    CHECK(value(forwarded(), "Forwarded") == "for=10.0.0.1;host=\"shop.example:8080\";proto=http");
  }
  CHECK(client("Forwarded: , for=9.9.9.9 ,, For=\"1.1.1.1\" ; proto=https;,") == "1.1.1.1");
  std::string many;
  for (int i = 0; i < 100; ++i) many += "10.9.9.9, ";
  CHECK(client("X-Forwarded-For: 1.1.1.1, " + many) == "10.9.9.9");
  CHECK(arrive("GET /\nX-Request-Id: a b", "10.0.0.1").request_id.size() == 32);
  CHECK(arrive("GET /\nX-Request-Id: a\nX-Request-Id: b", "10.0.0.1").request_id.size() == 32);
}

TEST_CASE_METHOD(Fixture, "an IPv6 peer stands in quotes and brackets in Forwarded") {
  arrive("GET /", "2001:db8::7");
  CHECK(value(forwarded(), "Forwarded") == "for=\"[2001:db8::7]\";host=\"shop.example:8080\";proto=http");
}

TEST_CASE_METHOD(Fixture, "traces are continued, or begun") {
  std::string_view parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  arrive("GET /\ntraceparent: " + std::string(parent) + "\ntracestate: a=b");
  CHECK(exchange.trace_continued);
  std::string sent = value(forwarded(), "traceparent");
  CHECK(sent.substr(0, 36) == parent.substr(0, 36));
  CHECK(sent.substr(36, 16) != parent.substr(36, 16));
  CHECK(sent.substr(52) == "-01");
  CHECK(value(forwarded(), "tracestate") == "a=b");
  arrive("GET /\ntraceparent: 00-zz\ntracestate: a=b");
  CHECK_FALSE(exchange.trace_continued);
  CHECK(value(forwarded(), "tracestate") == "-");
  CHECK(parse_traceparent(value(forwarded(), "traceparent")));
  arrive("GET /\ntraceparent: " + std::string(parent) + "\ntraceparent: " + std::string(parent));
  CHECK_FALSE(exchange.trace_continued);
}

TEST_CASE("traceparent, by the grammar of W3C Trace Context") {
  CHECK(parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")->flags == "00");
  CHECK(parse_traceparent(
      "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-the-future-will-be-like"));
  for (auto bad : {"", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
                   "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                   "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                   "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                   "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                   "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
                   "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01x",
                   "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"})
    CHECK_FALSE(parse_traceparent(bad));
}

TEST_CASE("addresses and networks") {
  char room[address_room];
  auto text = [&](std::string_view from) {
    auto address = parse_address(from);
    return address ? std::string(to_text(*address, room)) : "-";
  };
  CHECK(text("10.0.0.1") == "10.0.0.1");
  CHECK(text("10.0.0.1:80") == "10.0.0.1");
  CHECK(text("::ffff:10.0.0.1") == "10.0.0.1");
  CHECK(text("[::1]:80") == "::1");
  CHECK(text("2001:DB8::1") == "2001:db8::1");
  for (auto bad :
       {"", "a", "10.0.0", "10.0.0.1:", "10.0.0.1:x", "[::1", "[::1]x", "::1::", "10.0.0.256", "[10.0.0.1"})
    CHECK(text(bad) == "-");
  auto in = [](std::string_view network, std::string_view address) {
    return parse_network(network)->contains(*parse_address(address));
  };
  CHECK(in("10.0.0.0/8", "10.255.0.1"));
  CHECK_FALSE(in("10.0.0.0/8", "11.0.0.1"));
  CHECK(in("192.168.1.128/25", "192.168.1.200"));
  CHECK_FALSE(in("192.168.1.128/25", "192.168.1.100"));
  CHECK(in("0.0.0.0/0", "1.2.3.4"));
  CHECK_FALSE(in("0.0.0.0/0", "::1"));
  CHECK(in("::/0", "1.2.3.4"));
  CHECK(in("::1", "::1"));
  CHECK(in("2001:db8::/33", "2001:db8:7fff::1"));
  CHECK_FALSE(in("2001:db8::/33", "2001:db8:8000::1"));
  CHECK_FALSE(parse_network("10.0.0.0/33"));
  CHECK_FALSE(parse_network("10.0.0.0/"));
  CHECK_FALSE(parse_network("10.0.0.0:80/8"));
}
