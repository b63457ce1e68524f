#include <fmt/format.h>

#include "gateway/http1/authority.h"
#include "tests/unit/gateway/http1/heads.h"

using namespace msctl::gateway::http1;
using State = Outcome::State;

namespace {

std::string get(std::string_view fields) {
  return fmt::format("GET / HTTP/1.1\r\nHost: a.example\r\n{}\r\n", fields);
}
std::string post(std::string_view fields) {
  return fmt::format("POST / HTTP/1.1\r\nHost: a.example\r\n{}\r\n", fields);
}

}  // namespace

TEST_CASE("a request's head is taken apart") {
  RequestHead head;
  std::string text =
      "GET /where?q=now HTTP/1.1\r\nHost: www.Example.org:8080\r\nAccept: a,  b \t\r\nX-Empty:\r\n\r\nrest";
  Outcome outcome = request(text, head);
  REQUIRE(outcome.state == State::done);
  CHECK(outcome.consumed == text.size() - 4);
  CHECK(head.method == "GET");
  CHECK(head.method_id == Method::get);
  CHECK(head.target == "/where?q=now");
  CHECK(head.path == "/where");
  CHECK(head.query == "q=now");
  CHECK(head.has_query);
  CHECK(head.authority == "www.Example.org:8080");
  CHECK(head.host == "www.Example.org");
  CHECK(head.port == 8080);
  CHECK(head.minor == 1);
  CHECK(head.keep_alive);
  CHECK(head.body.framing == Framing::none);
  REQUIRE(head.fields.size() == 3);
  CHECK(head.fields[1].name == "Accept");
  CHECK(head.fields[1].value == "a,  b");
  CHECK(head.fields[2].value.empty());
  CHECK(head.fields.find("accept") == &head.fields[1]);
  CHECK(head.fields.find("nothing") == nullptr);
  // Slices of the buffer, not copies.
  CHECK(head.fields[1].value.data() >= text.data());
  CHECK(head.fields[1].value.data() < text.data() + text.size());
}

TEST_CASE("the examples of RFC 9112") {
  RequestHead head;
  // §3.2.1 and §3.2.2
  CHECK(request("GET /where?q=now HTTP/1.1\r\nHost: www.example.org\r\n\r\n", head).state == State::done);
  REQUIRE(
      request("GET http://www.example.org/pub/WWW/TheProject.html HTTP/1.1\r\nHost: other.example\r\n\r\n",
              head)
          .state == State::done);
  CHECK(head.host == "www.example.org");
  CHECK(head.path == "/pub/WWW/TheProject.html");
  // §3.2.4
  REQUIRE(request("OPTIONS * HTTP/1.1\r\nHost: www.example.org:8001\r\n\r\n", head).state == State::done);
  CHECK(head.asterisk);
  REQUIRE(request("OPTIONS http://www.example.org:8001 HTTP/1.1\r\nHost: x\r\n\r\n", head).state ==
          State::done);
  CHECK(head.asterisk);
  CHECK(head.port == 8001);
}

TEST_CASE("targets") {
  RequestHead head;
  REQUIRE(request("GET HTTP://H.example?x HTTP/1.1\r\nHost: h\r\n\r\n", head).state == State::done);
  CHECK(head.path == "/");
  CHECK(head.query == "x");
  REQUIRE(request("GET /? HTTP/1.1\r\nHost: h\r\n\r\n", head).state == State::done);
  CHECK(head.has_query);
  CHECK(head.query.empty());
  auto target = [](std::string_view text, std::string_view method = "GET") {
    return request_result(fmt::format("{} {} HTTP/1.1\r\nHost: a\r\n\r\n", method, text));
  };
  CHECK(target("*") == "bad_target");
  CHECK(target("*", "options") == "bad_target");  // methods are case-sensitive
  CHECK(target("a") == "bad_target");
  CHECK(target("/a#b") == "bad_target");
  CHECK(target("/\xc3\xa4") == "bad_target");
  CHECK(target("/\x01") == "bad_target");
  CHECK(target("/?a=%zz") == "bad_target");
  CHECK(target("ftp://a/") == "bad_target");
  CHECK(target("example.org:80") == "bad_target");
  CHECK(target("http:///a") == "bad_host");
  CHECK(target("http://user@a/") == "bad_host");
  CHECK(target("http://a:99999/") == "bad_host");
  CHECK(target("example.org:80", "CONNECT") == "connect");
  CHECK(target("/", "CONNECT") == "connect");
}

TEST_CASE("request lines") {
  auto line = [](std::string_view text) {
    return request_result(fmt::format("{}\r\nHost: a\r\n\r\n", text));
  };
  CHECK(line("GET / HTTP/1.1") == "done");
  CHECK(line("G!#$%&'*+-.^_`|~1 / HTTP/1.1") == "done");
  CHECK(line("GET / HTTP/1.9") == "done");
  CHECK(line("GET /") == "bad_request_line");
  CHECK(line("GET") == "bad_request_line");
  CHECK(line("GET  / HTTP/1.1") == "bad_request_line");
  CHECK(line("GET /  HTTP/1.1") == "bad_version");
  CHECK(line("GET / HTTP/1.1 ") == "bad_version");
  CHECK(line("GET\t/ HTTP/1.1") == "bad_method");
  CHECK(line("G(T / HTTP/1.1") == "bad_method");
  CHECK(line(" GET / HTTP/1.1") == "bad_method");
  CHECK(line("GET / http/1.1") == "bad_version");
  CHECK(line("GET / HTTP/1") == "bad_version");
  CHECK(line("GET / HTTP/1.10") == "bad_version");
  CHECK(line("GET / HTTP/01.1") == "bad_version");
  CHECK(line("GET / HTTP/2.0") == "unsupported_version");
  CHECK(line("GET / HTTP/0.9") == "unsupported_version");
  CHECK(line("PRI * HTTP/2.0") == "unsupported_version");
  CHECK(line(std::string(33, 'A') + " / HTTP/1.1") == "method_too_long");
  CHECK(line("\r\nGET / HTTP/1.1") == "done");
  CHECK(line("\r\n\r\nGET / HTTP/1.1") == "bad_method");
  CHECK(line("\nGET / HTTP/1.1") == "bare_lf");
  CHECK(request_result("GET / HTTP/1.1\nHost: a\r\n\r\n") == "bare_lf");
  CHECK(request_result("\x16\x03\x01\x02") == "bad_method");  // TLS
  CHECK(request_result("GET / HTTP/1.1\r\nHost: a\r\n") == "need more");
  CHECK(request_result("") == "need more");
}

TEST_CASE("fields") {
  CHECK(request_result(get("X: y\r\n")) == "done");
  CHECK(request_result(get("X: caf\xc3\xa9\r\n")) == "done");
  CHECK(request_result(get("X: a\tb\r\n")) == "done");
  CHECK(request_result(get("X : y\r\n")) == "space_before_colon");
  CHECK(request_result(get("X\t: y\r\n")) == "space_before_colon");
  CHECK(request_result(get("X Y: z\r\n")) == "bad_field_name");
  CHECK(request_result(get(": y\r\n")) == "bad_field_name");
  CHECK(request_result(get("X(: y\r\n")) == "bad_field_name");
  CHECK(request_result(get("\xc3\xa4: y\r\n")) == "bad_field_name");
  CHECK(request_result(get("Xy\r\n")) == "missing_colon");
  CHECK(request_result(get("X: y\r\n z\r\n")) == "obs_fold");
  CHECK(request_result(get("X: y\r\n\tz\r\n")) == "obs_fold");
  CHECK(request_result("GET / HTTP/1.1\r\n Host: a\r\n\r\n") == "obs_fold");
  CHECK(request_result(get("X: y\nZ: 1\r\n")) == "bare_lf");
  CHECK(request_result(get("X: y\rZ: 1\r\n")) == "bare_cr");
  CHECK(request_result(get("X\r: y\r\n")) == "bare_cr");
  CHECK(request_result(get("X: y\r\r\n")) == "bare_cr");
  CHECK(request_result(get(std::string_view("X: y\0z\r\n", 8))) == "control_character");
  CHECK(request_result(get("X: y\x01\r\n")) == "control_character");
  CHECK(request_result(get("X: y\x7f\r\n")) == "control_character");
  CHECK(request_result(get("X: 0123456789abcdef\x0b"
                           "0123456789\r\n")) == "control_character");
  CHECK(request_result("GET / HTTP/1.1\r\nHost: a\r\n\n") == "bare_lf");
}

TEST_CASE("every control character is found wherever it stands") {
  for (std::size_t at = 0; at < 24; ++at)
    for (int byte = 0; byte < 256; ++byte) {
      std::string value(24, 'a');
      value[at] = static_cast<char>(byte);
      bool refused = (byte < 0x20 && byte != '\t') || byte == 0x7F;
      RequestHead head;
      Progress progress;
      std::string text = get("X:" + value + "\r\n");
      INFO(byte << " at " << at);
      REQUIRE((parse_request(text, {}, progress, head).state == State::fault) == refused);
    }
}

TEST_CASE("Host") {
  auto host = [](std::string_view value) {
    return request_result(fmt::format("GET / HTTP/1.1\r\nHost:{}\r\n\r\n", value));
  };
  for (auto fine : {" a", " a.b-c.example", " a_b", " 127.0.0.1:80", " [::1]", " [::1]:8080", " [v1.a:b]",
                    " a:", " a.example.", " x!$&'()*+;=y"}) {
    INFO(fine);
    CHECK(host(fine) == "done");
  }
  for (auto bad :
       {"",          " ",         " a b",       " a/b",      " a\\b", " a@b",    " a:b",          " a:0",
        " a:65536",  " a:080000", " a:-1",      " [::1",     " ::1",  " [::1]a", " [1.2.3.4]",    " []",
        " a:80:80",  " a%00",     " ex%61mple", " \xc3\xa4", " a?b",  " a#b",    " [::1%25eth0]", " :80",
        " http://a", " <a>"}) {
    INFO(bad);
    CHECK(host(bad) == "bad_host");
  }
  CHECK(request_result("GET / HTTP/1.1\r\n\r\n") == "missing_host");
  CHECK(request_result("GET http://a/ HTTP/1.1\r\n\r\n") == "missing_host");
  CHECK(request_result("GET http://a/ HTTP/1.1\r\nHost: <\r\n\r\n") == "bad_host");
  CHECK(request_result(get("Host: a.example\r\n")) == "duplicate_host");
  CHECK(request_result(get("hOST: b.example\r\n")) == "duplicate_host");
  CHECK(request_result("GET / HTTP/1.0\r\n\r\n") == "done");
  CHECK(request_result("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n") == "duplicate_host");
  RequestHead head;
  REQUIRE(request("GET / HTTP/1.1\r\nHost: a.example.:81\r\n\r\n", head).state == State::done);
  CHECK(head.host == "a.example");
  CHECK(head.authority == "a.example.:81");
}

TEST_CASE("what frames a body is unambiguous or refused") {
  struct Case {
    std::string_view fields, result;
  };
  auto each = GENERATE(values<Case>({
      {"", "done"},
      {"Content-Length: 5\r\n", "done"},
      {"Content-Length: 0\r\n", "done"},
      {"Content-Length: 9223372036854775807\r\n", "done"},
      {"Transfer-Encoding: chunked\r\n", "done"},
      {"Transfer-Encoding: CHUNKED\r\n", "done"},
      {"transfer-encoding:\tchunked\t\r\n", "done"},
      // CL.TE and TE.CL
      {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "length_and_coding"},
      {"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "length_and_coding"},
      {"Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n", "length_and_coding"},
      {"Content-Length: 0\r\nTransfer-Encoding:\r\n", "coding_not_final"},
      // Content-Length
      {"Content-Length: 5\r\nContent-Length: 5\r\n", "differing_lengths"},
      {"Content-Length: 5\r\nContent-Length: 6\r\n", "differing_lengths"},
      {"Content-Length: 5, 5\r\n", "bad_length"},
      {"Content-Length: 5,6\r\n", "bad_length"},
      {"Content-Length:\r\n", "bad_length"},
      {"Content-Length: +5\r\n", "bad_length"},
      {"Content-Length: -5\r\n", "bad_length"},
      {"Content-Length: 0x5\r\n", "bad_length"},
      {"Content-Length: 5 5\r\n", "bad_length"},
      {"Content-Length: 5.0\r\n", "bad_length"},
      {"Content-Length: 1e3\r\n", "bad_length"},
      {"Content-Length: 9223372036854775808\r\n", "bad_length"},
      {"Content-Length: 18446744073709551616\r\n", "bad_length"},
      {"Content-Length: 18446744073709551621\r\n", "bad_length"},
      {"Content-Length: 99999999999999999999999\r\n", "bad_length"},
      {"Content-Length : 5\r\n", "space_before_colon"},
      // Transfer-Encoding
      {"Transfer-Encoding: gzip, chunked\r\n", "unknown_coding"},
      {"Transfer-Encoding: gzip\r\n", "unknown_coding"},
      {"Transfer-Encoding: identity\r\n", "unknown_coding"},
      {"Transfer-Encoding: xchunked\r\n", "unknown_coding"},
      {"Transfer-Encoding: chunkedx\r\n", "unknown_coding"},
      {"Transfer-Encoding: \"chunked\"\r\n", "unknown_coding"},
      {"Transfer-Encoding: chunked;q=1\r\n", "unknown_coding"},
      {"Transfer-Encoding: chunked, gzip\r\n", "coding_not_final"},
      {"Transfer-Encoding: chunked, identity\r\n", "coding_not_final"},
      {"Transfer-Encoding: chunked, chunked\r\n", "coding_not_final"},
      {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "coding_not_final"},
      {"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "coding_not_final"},
      {"Transfer-Encoding: chunked,\r\n", "coding_not_final"},
      {"Transfer-Encoding: ,chunked\r\n", "coding_not_final"},
      {"Transfer-Encoding:\r\n", "coding_not_final"},
      {"Transfer-Encoding : chunked\r\n", "space_before_colon"},
      {"Transfer-Encoding:\x0b"
       "chunked\r\n",
       "control_character"},
      {"Transfer-Encoding\r\n: chunked\r\n", "missing_colon"},
      {"Foo: bar\r\n Transfer-Encoding: chunked\r\n", "obs_fold"},
      {" Transfer-Encoding: chunked\r\n", "obs_fold"},
      // Expect
      {"Content-Length: 5\r\nExpect: 100-continue\r\n", "done"},
      {"Expect: 100-Continue\r\n", "done"},
      {"Expect: 200-ok\r\n", "unknown_expectation"},
  }));
  INFO(each.fields);
  CHECK(request_result(post(each.fields)) == each.result);
}

TEST_CASE("statuses of faults") {
  CHECK(info(Fault::length_and_coding).status == 400);
  CHECK(info(Fault::unknown_coding).status == 501);
  CHECK(info(Fault::coding_not_final).status == 400);
  CHECK(info(Fault::unsupported_version).status == 505);
  CHECK(info(Fault::header_too_large).status == 431);
  CHECK(info(Fault::target_too_long).status == 414);
  CHECK(info(Fault::body_too_large).status == 413);
  CHECK(info(Fault::unknown_expectation).status == 417);
}

TEST_CASE("bodies and connections") {
  RequestHead head;
  REQUIRE(request(post("Content-Length: 42\r\nExpect: 100-continue\r\n"), head).state == State::done);
  CHECK(head.body.framing == Framing::length);
  CHECK(head.body.length == 42);
  CHECK(head.expect_continue);
  REQUIRE(request(post("Transfer-Encoding: chunked\r\n"), head).state == State::done);
  CHECK(head.body.framing == Framing::chunked);
  CHECK_FALSE(head.expect_continue);
  REQUIRE(
      request(post("Content-Length: 0\r\nExpect: 100-continue\r\nConnection: x, Close\r\n"), head).state ==
      State::done);
  CHECK(head.body.framing == Framing::length);
  CHECK_FALSE(head.expect_continue);
  CHECK_FALSE(head.keep_alive);
  CHECK(request_result("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") == "coding_in_http10");
  REQUIRE(request("GET / HTTP/1.0\r\n\r\n", head).state == State::done);
  CHECK_FALSE(head.keep_alive);
  REQUIRE(request("GET / HTTP/1.0\r\nConnection: keep-alive\r\nExpect: 200-ok\r\n\r\n", head).state ==
          State::done);
  CHECK(head.keep_alive);
}

TEST_CASE("upgrades are passed on only where they are plain") {
  auto upgrade = [](std::string_view fields) {
    RequestHead head;
    std::string text = get(fields);
    REQUIRE(request(text, head).state == State::done);
    return std::string(head.upgrade);
  };
  CHECK(upgrade("Connection: Upgrade\r\nUpgrade: websocket\r\n") == "websocket");
  CHECK(upgrade("Connection: keep-alive, upgrade\r\nUpgrade: foo/2\r\n") == "foo/2");
  CHECK(upgrade("Upgrade: websocket\r\n").empty());
  CHECK(upgrade("Connection: Upgrade\r\n").empty());
  CHECK(upgrade("Connection: Upgrade\r\nUpgrade: h2c\r\n").empty());
  CHECK(upgrade("Connection: Upgrade\r\nUpgrade: H2C\r\n").empty());
  CHECK(upgrade("Connection: Upgrade\r\nUpgrade: websocket, h2c\r\n").empty());
  CHECK(upgrade("Connection: Upgrade\r\nUpgrade: websocket\r\nUpgrade: h2c\r\n").empty());
  CHECK(upgrade("Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 3\r\n").empty());
}

TEST_CASE("limits") {
  HeadLimits small{256, 32, 4};
  CHECK(request_result(get("A: 1\r\nB: 2\r\nC: 3\r\n"), small) == "done");
  CHECK(request_result(get("A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n"), small) == "too_many_fields");
  CHECK(request_result(get("A: " + std::string(300, 'x') + "\r\n"), small) == "header_too_large");
  CHECK(request_result(get("A: " + std::string(300, 'x')), small) == "header_too_large");
  CHECK(request_result("GET /" + std::string(31, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", small) == "done");
  CHECK(request_result("GET /" + std::string(32, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", small) ==
        "target_too_long");
  CHECK(request_result("GET /" + std::string(100, 'a'), small) == "target_too_long");
  // A first line beyond every limit is refused for one reason, wherever it is cut and however it ends.
  CHECK(request_result("G /a x" + std::string(100, 'a') + "\n", small) == "bad_version");
  CHECK(request_result("G /" + std::string(100, 'a') + "\nHost: a\r\n\r\n", small) == "target_too_long");
  std::string exact = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  exact += std::string(256 - exact.size() - 4, 'x') + "\r\n\r\n";
  CHECK(request_result(exact, small) == "done");
  CHECK(request_result(exact + "more", small) == "done");
  std::string many;
  for (int i = 0; i < 127; ++i) many += fmt::format("X{}: 1\r\n", i);
  RequestHead head;
  Progress progress;
  CHECK(parse_request(get(many), {}, progress, head).state == State::done);
  progress = {};
  CHECK(parse_request(get(many + "Y: 1\r\n"), {}, progress, head).fault == Fault::too_many_fields);
}

TEST_CASE("names that matter are recognised in any case, and with underscores as disguised") {
  CHECK(classify("hOsT") == Name::host);
  CHECK(classify("CONTENT-LENGTH") == Name::content_length);
  CHECK(classify("Content_Length") == Name::disguised);
  CHECK(classify("X-Forwarded_For") == Name::disguised);
  CHECK(classify("X-Consumer-Name") == Name::identity);
  CHECK(classify("x-consumer-") == Name::identity);
  CHECK(classify("X-Claim-tenant") == Name::identity);
  CHECK(classify("X_Claim-tenant") == Name::disguised);
  CHECK(classify("X_CONSUMER_NAME") == Name::disguised);
  CHECK(classify("X-Consume") == Name::other);
  CHECK(classify("X-My_Header") == Name::other);
  CHECK(classify("") == Name::other);
  for (auto name : {"TE",
                    "Expect",
                    "Trailer",
                    "Upgrade",
                    "Forwarded",
                    "X-Real-IP",
                    "Connection",
                    "Keep-Alive",
                    "Tracestate",
                    "Traceparent",
                    "X-Request-Id",
                    "HTTP2-Settings",
                    "X-Forwarded-For",
                    "Proxy-Connection",
                    "X-Forwarded-Host",
                    "X-Forwarded-Port",
                    "X-Forwarded-Proto",
                    "Transfer-Encoding",
                    "Proxy-Authenticate",
                    "X-Forwarded-Prefix",
                    "Proxy-Authorization"}) {
    INFO(name);
    CHECK(classify(name) != Name::other);
    CHECK(classify(name) != Name::disguised);
  }
}
