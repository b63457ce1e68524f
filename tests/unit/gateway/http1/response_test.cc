#include "tests/unit/gateway/http1/heads.h"

using namespace msctl::gateway::http1;
using State = Outcome::State;

TEST_CASE("a response's head is taken apart") {
  ResponseHead head;
  std::string_view text = "HTTP/1.1 404 Not  Found\r\nContent-Length: 3\r\nX: y\r\n\r\nabc";
  Outcome outcome = response(text, head);
  REQUIRE(outcome.state == State::done);
  CHECK(outcome.consumed == text.size() - 3);
  CHECK(head.status == 404);
  CHECK(head.reason == "Not  Found");
  CHECK(head.body.framing == Framing::length);
  CHECK(head.body.length == 3);
  CHECK(head.keep_alive);
  CHECK(head.fields.size() == 2);
}

TEST_CASE("how responses end") {
  ResponseHead head;
  auto framing = [&](std::string_view text, Asked asked = {}) {
    INFO(text);
    REQUIRE(response(text, head, asked).state == State::done);
    return head.body.framing;
  };
  CHECK(framing("HTTP/1.1 200\r\n\r\n") == Framing::until_close);
  CHECK_FALSE(head.keep_alive);
  CHECK(framing("HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n") == Framing::chunked);
  CHECK(head.keep_alive);
  CHECK(framing("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n") == Framing::length);
  CHECK_FALSE(head.keep_alive);
  CHECK(framing("HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\n") == Framing::length);
  CHECK(head.keep_alive);
  CHECK(framing("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", {.head = true}) == Framing::none);
  CHECK(head.has_length);
  CHECK(head.length == 10);
  CHECK(head.keep_alive);
  CHECK(framing("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", {.head = true}) == Framing::none);
  CHECK(framing("HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n") == Framing::none);
  CHECK(framing("HTTP/1.1 204 No Content\r\n\r\n") == Framing::none);
  CHECK(framing("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n") == Framing::none);
  CHECK_FALSE(head.has_length);
  CHECK(framing("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n") == Framing::none);
  CHECK(head.interim);
  CHECK(framing("HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
                {.upgrade = true}) == Framing::none);
  CHECK(head.switching);
  CHECK_FALSE(head.interim);
  CHECK(head.upgrade == "websocket");
}

TEST_CASE("responses that could be read in two ways are refused") {
  CHECK(response_result("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n") ==
        "length_and_coding");
  CHECK(response_result("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n") ==
        "differing_lengths");
  CHECK(response_result("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n") == "bad_length");
  CHECK(response_result("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n") == "unknown_coding");
  CHECK(response_result("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n") == "coding_not_final");
  CHECK(response_result("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") == "coding_in_http10");
  CHECK(response_result("HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n") == "coding_without_body");
  CHECK(response_result("HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n") == "length_without_body");
  CHECK(response_result("HTTP/1.1 100 Go\r\nContent-Length: 5\r\n\r\n") == "length_without_body");
  CHECK(response_result("HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n") ==
        "unexpected_switch");
  CHECK(response_result("HTTP/1.1 101 S\r\n\r\n", {.upgrade = true}) == "unexpected_switch");
  CHECK(response_result("HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n") == "obs_fold");
  CHECK(response_result("HTTP/1.1 200 OK\r\nX : a\r\n\r\n") == "space_before_colon");
  CHECK(response_result("HTTP/1.1 200 OK\r\nX: a\nY: b\r\n\r\n") == "bare_lf");
  CHECK(response_result("HTTP/1.1 200 OK\r\nX: a\rY: b\r\n\r\n") == "bare_cr");
  CHECK(response_result("HTTP/1.1 99 x\r\n\r\n") == "bad_status_line");
  CHECK(response_result("HTTP/1.1 099 x\r\n\r\n") == "bad_status");
  CHECK(response_result("HTTP/1.1 600 x\r\n\r\n") == "bad_status");
  CHECK(response_result("HTTP/1.1 2000 x\r\n\r\n") == "bad_status_line");
  CHECK(response_result("HTTP/1.1  200 x\r\n\r\n") == "bad_status_line");
  CHECK(response_result("HTTP/1.1 200 a\rb\r\n\r\n") == "bad_status_line");
  CHECK(response_result("HTTP/2.0 200 x\r\n\r\n") == "unsupported_version");
  CHECK(response_result("ICY 200 OK\r\n\r\n") == "bad_status_line");
  CHECK(response_result("hello") == "bad_status_line");
}
