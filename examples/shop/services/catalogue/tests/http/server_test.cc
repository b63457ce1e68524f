#include "http/server.h"

#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "problem.h"
#include "tests/catch.h"
#include "tests/http/socket.h"

using namespace app;
using namespace std::chrono_literals;

namespace {

const std::string get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

http::Response echo(const http::Request& request) {
  if (request.method == "DELETE" && request.body.empty()) return {204, {}, {}};
  return {200, {{"Content-Type", "text/plain"}}, request.method + " " + request.path + " " + request.body};
}

// A server on a port of its own.
struct Running {
  http::Server server;
  int port;

  explicit Running(http::Handler handler, http::Limits limits = {})
      : server(
            std::move(handler), [](int status, const std::string& detail) { return problem(status, detail); },
            limits),
        port(server.bind("127.0.0.1", 0)) {
    server.start();
  }
  ~Running() { server.stop(10s); }
};

// Lets requests in, and out when it is opened.
struct Gate {
  std::mutex mutex;
  std::condition_variable changed;
  int inside = 0;
  bool open = false;

  http::Response pass(const http::Request&) {
    std::unique_lock lock(mutex);
    ++inside;
    changed.notify_all();
    changed.wait_for(lock, 10s, [this] { return open; });
    return {200, {{"Content-Type", "text/plain"}}, "whole"};
  }
  void wait_until_inside() {
    std::unique_lock lock(mutex);
    REQUIRE(changed.wait_for(lock, 10s, [this] { return inside > 0; }));
  }
  void let_out() {
    const std::lock_guard lock(mutex);
    open = true;
    changed.notify_all();
  }
};

}  // namespace

TEST_CASE("requests follow each other on one connection, also pipelined") {
  Running running(echo);
  Socket client(running.port);
  client.send(get + "POST /a%20b?c=d HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi" + get);
  CHECK(has(client.answer(), "GET / "));
  CHECK(has(client.answer(), "POST /a%20b hi"));
  CHECK(has(client.answer(), "GET / "));
}

TEST_CASE("an answer without content has no length") {
  Running running(echo);
  Socket client(running.port);
  client.send("DELETE / HTTP/1.1\r\nHost: x\r\n\r\n" + get);
  const std::string answer = client.answer();
  CHECK(has(answer, "204 No Content"));
  CHECK_FALSE(has(answer, "Content-Length"));
  CHECK(has(client.answer(), "GET / "));
}

TEST_CASE("a chunked body is read") {
  Running running(echo);
  Socket client(running.port);
  client.send(
      "PUT /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n3\r\n you\r\n0\r\n\r\n" +
      get);
  CHECK(has(client.answer(), "PUT /x hi"));
}

TEST_CASE("idle connections do not starve others") {
  Running running(echo);
  std::list<Socket> idle;
  for (int i = 0; i < 40; ++i) {
    idle.emplace_back(running.port);
    idle.back().send(get);
    CHECK(has(idle.back().answer(), "200 OK"));
  }
  Socket client(running.port);
  client.send(get);
  CHECK(has(client.answer(), "200 OK"));
}

TEST_CASE("at the limit of connections each answer ends its connection, so that all are served") {
  http::Limits limits;
  limits.connections = 4;
  Running running(echo, limits);
  std::list<Socket> clients;
  for (int i = 0; i < 12; ++i) clients.emplace_back(running.port).send(get);
  for (Socket& client : clients) CHECK(has(client.answer(), "200 OK"));
}

TEST_CASE("a body that is too large does not become the next request") {
  http::Limits limits;
  limits.body_bytes = 10;
  Running running(
      [](const http::Request& request) {
        return http::Response{request.body_state == http::BodyState::too_large ? 413 : 200, {}, {}};
      },
      limits);
  Socket client(running.port);
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 60\r\n\r\n" + std::string(20, 'x') + get);
  const std::string answer = client.answer();
  CHECK(has(answer, "413"));
  CHECK(has(answer, "Connection: close"));
  CHECK(client.closed());
}

TEST_CASE("a request that could be read in two ways is refused and ends the connection") {
  Running running(echo);
  for (const char* headers :
       {"Content-Length: 2\r\nContent-Length: 3\r\n", "Content-Length: x\r\n", "Content-Length: -1\r\n",
        "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: gzip\r\n"}) {
    INFO(headers);
    Socket client(running.port);
    client.send(std::string("POST / HTTP/1.1\r\nHost: x\r\n") + headers + "\r\nhi");
    const std::string answer = client.answer();
    CHECK(has(answer, "400 Bad Request"));
    CHECK(has(answer, "application/problem+json"));
    CHECK(client.closed());
  }
}

TEST_CASE("what is no HTTP is refused as a problem") {
  Running running(echo);
  Socket client(running.port);
  client.send("nonsense\r\n\r\n");
  const std::string answer = client.answer();
  CHECK(has(answer, "400 Bad Request"));
  CHECK(has(answer, "about:blank"));
  CHECK(client.closed());
}

// RFC 9110 section 15.5.6: which methods a path takes is the handler's to say. What is no request line stays
// a bad request.
TEST_CASE("a method that the library does not know is the handler's matter") {
  Running running([](const http::Request& request) {
    http::Response out;
    out.status = request.method == "QUERY" && request.path == "/items" ? 405 : 500;
    return out;
  });
  for (const auto& [line, status] : {std::pair{"QUERY /items?a=b HTTP/1.1", "405 Method Not Allowed"},
                                     {"QUERY /items HTTP/9.9", "400 Bad Request"},
                                     {"QU\tERY /items HTTP/1.1", "400 Bad Request"}}) {
    INFO(line);
    Socket client(running.port);
    client.send(std::string(line) + "\r\nHost: x\r\n\r\n");
    CHECK(has(client.answer(), status));
    CHECK(client.closed());
  }
}

TEST_CASE("a head that is too large or too slow ends the connection") {
  http::Limits limits;
  limits.header_bytes = 1000;
  limits.header_time = 100ms;
  Running running(echo, limits);
  Socket large(running.port);
  large.send("GET / HTTP/1.1\r\nA: " + std::string(2000, 'x') + "\r\n\r\n");
  CHECK(large.closed());
  Socket slow(running.port);
  slow.send("GET / HT");
  CHECK(slow.closed());
}

TEST_CASE("a body that is too slow is told so") {
  http::Limits limits;
  limits.body_time = 100ms;
  Running running(
      [](const http::Request& request) {
        return http::Response{request.body_state == http::BodyState::too_slow ? 408 : 200, {}, {}};
      },
      limits);
  Socket client(running.port);
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhi");
  CHECK(has(client.answer(), "408"));
  CHECK(client.closed());
}

TEST_CASE("a shutdown finishes requests in flight") {
  Gate gate;
  Running running([&](const http::Request& request) { return gate.pass(request); });
  Socket client(running.port);
  client.send(get);
  gate.wait_until_inside();
  bool in_time = false;
  std::thread stopping([&] { in_time = running.server.stop(10s); });
  while (Socket(running.port).connected()) std::this_thread::sleep_for(1ms);
  gate.let_out();
  stopping.join();
  CHECK(in_time);
  const std::string answer = client.answer();
  CHECK(has(answer, "whole"));
  CHECK(has(answer, "Connection: close"));
}

TEST_CASE("a shutdown answers a request that is on its way on an idle connection") {
  Running running(echo);
  Socket client(running.port);
  client.send(get);
  client.answer();
  client.send(get);
  CHECK(running.server.stop(10s));
  CHECK(has(client.answer(), "200 OK"));
}

TEST_CASE("while it drains, new connections are taken and told to go") {
  Running running(echo);
  running.server.drain();
  Socket client(running.port);
  client.send(get);
  CHECK(has(client.answer(), "Connection: close"));
}

TEST_CASE("an idle connection does not hold up a shutdown; a long request is reported") {
  Gate gate;
  Running running([&](const http::Request& request) { return gate.pass(request); });
  Socket idle(running.port);
  Socket busy(running.port);
  busy.send(get);
  gate.wait_until_inside();
  CHECK_FALSE(running.server.stop(300ms));
  CHECK(idle.closed());
  gate.let_out();
}

TEST_CASE("a port that is taken is told") {
  Running running(echo);
  http::Server other(echo, [](int status, const std::string& detail) { return problem(status, detail); });
  std::string message;
  try {
    other.bind("127.0.0.1", running.port);
  } catch (const std::runtime_error& error) {
    message = error.what();
  }
  CHECK(has(message, "in use"));
}
