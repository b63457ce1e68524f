#include "clients/client.h"

#include <nlohmann/json.hpp>
#include <thread>

#include "http/server.h"
#include "problem.h"
#include "tests/catch.h"

using namespace app;
using namespace std::chrono_literals;
using clients::CallFailed;
using clients::Client;

namespace {

struct Need {
  http::Server server;
  std::string url;
  explicit Need(http::Handler handler)
      : server(std::move(handler),
               [](int status, const std::string& detail) { return problem(status, detail); }),
        url("http://127.0.0.1:" + std::to_string(server.bind("127.0.0.1", 0)) + "/base/") {
    server.start();
  }
  ~Need() { server.stop(10s); }
  Client client(clients::Limits limits = {}) {
    return {"need", "NEED_URL", [this](const std::string&) { return std::optional(url); }, limits,
            [](auto) {}};
  }
};

const Trace trace = [] {
  Trace out = continue_trace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  out.request_id = "r-1";
  return out;
}();

}  // namespace

TEST_CASE("a call carries the trace and the request's id, and repeats what passes") {
  int calls = 0;
  http::Request seen;
  Need need([&](const http::Request& request) {
    seen = request;
    return http::Response{++calls < 3 ? 503 : 200, {{"Content-Type", "application/json"}}, R"({"a":1})"};
  });
  CHECK(need.client().get("/x", trace)["a"] == 1);
  CHECK(calls == 3);
  CHECK(seen.path == "/base/x");
  CHECK(seen.header("traceparent").starts_with("00-0af7651916cd43dd8448eb211c80319c-"));
  CHECK(seen.header("traceparent").find(trace.span_id) == std::string::npos);
  CHECK(seen.header("X-Request-Id") == "r-1");
}

TEST_CASE("a POST is sent once, with its body") {
  int calls = 0;
  std::string body;
  Need need([&](const http::Request& request) {
    ++calls;
    body = request.body;
    return http::Response{503, {}, {}};
  });
  CHECK_THROWS_AS(need.client().send("POST", "/x", {{"a", 1}}, trace), CallFailed);
  CHECK(calls == 1);
  CHECK(body == R"({"a":1})");
}

TEST_CASE("each way to fail is told") {
  const auto message = [](auto&& call) -> std::string {
    try {
      call();
    } catch (const CallFailed& failure) {
      return failure.what();
    }
    return "no failure";
  };
  Need broken([](const http::Request&) { return http::Response{200, {}, "{"}; });
  CHECK(message([&] { broken.client().get("/", trace); }) == "need answered something that is not JSON");
  Need large([](const http::Request&) { return http::Response{200, {}, std::string(100, ' ')}; });
  clients::Limits limits;
  limits.answer_bytes = 10;
  CHECK(message([&] { large.client(limits).get("/", trace); }) ==
        "need answered more than this service takes");
  Need slow([](const http::Request&) {
    std::this_thread::sleep_for(300ms);
    return http::Response{200, {}, "{}"};
  });
  limits = {};
  limits.try_time = 50ms;
  CHECK(message([&] { slow.client(limits).get("/", trace); }) == "need did not answer in time");
  const auto nowhere = [](const std::string&) { return std::optional<std::string>("http://127.0.0.1:1"); };
  Client none("need", "NEED_URL", nowhere, {}, [](auto) {});
  CHECK(message([&] { none.get("/", trace); }) == "need cannot be reached");
}

TEST_CASE("the address must be there and must be one") {
  const auto with = [](std::optional<std::string> url) { return [url](const std::string&) { return url; }; };
  CHECK_THROWS_WITH(Client("need", "NEED_URL", with(std::nullopt)), "NEED_URL is not set");
  CHECK_THROWS_AS(Client("need", "NEED_URL", with("localhost:1")), std::invalid_argument);
  CHECK_THROWS_AS(Client("need", "NEED_URL", with("http:///x")), std::invalid_argument);
}

TEST_CASE("a path segment is escaped") { CHECK(clients::escape("a/b c~ä") == "a%2Fb%20c~%C3%A4"); }
