#include "clients/sample_need_client.h"

#include "http/server.h"
#include "problem.h"
#include "tests/catch.h"

using namespace app;

TEST_CASE("sample-need gives items") {
  http::Server server(
      [](const http::Request& request) {
        if (request.path != "/items/a%2Fb") return http::Response{404, {}, {}};
        return http::Response{
            200, {{"Content-Type", "application/json"}}, R"({"id":"a/b","name":"lamp","quantity":3})"};
      },
      [](int status, const std::string& detail) { return problem(status, detail); });
  const std::string url = "http://127.0.0.1:" + std::to_string(server.bind("127.0.0.1", 0));
  server.start();
  std::string asked;
  clients::SampleNeedClient need([&](const std::string& name) {
    asked = name;
    return std::optional(url);
  });
  CHECK(asked == "SAMPLE_NEED_URL");
  CHECK(need.item("a/b", continue_trace("")) == Item{"a/b", "lamp", 3});
  CHECK_FALSE(need.item("c", continue_trace("")));
  server.stop(std::chrono::seconds(10));
}
