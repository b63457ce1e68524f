#include "integration/gateway.h"

#include <httplib.h>

#include <cstdlib>
#include <stdexcept>

#include "tests/catch.h"

namespace app::integration {

using nlohmann::json;

http::Response call(const std::string& method, const std::string& path, const std::string& body,
                    http::Headers headers) {
  std::string gateway = std::getenv("GATEWAY_URL");
  while (gateway.ends_with('/')) gateway.pop_back();
  // One for each request: the library's client sends one at a time.
  httplib::Client client(gateway);
  client.set_read_timeout(std::chrono::seconds(10));
  client.set_url_encode(false);
  if (!body.empty()) headers.emplace("Content-Type", "application/json");
  httplib::Request request;
  request.method = method;
  request.path = path;
  request.body = body;
  for (const auto& [name, value] : headers) request.set_header(name, value);
  const auto result = client.send(request);
  if (!result) throw std::runtime_error(method + " " + path + ": " + httplib::to_string(result.error()));
  http::Response out{result->status, {}, result->body};
  for (const auto& [name, value] : result->headers) out.headers.emplace(name, value);
  return out;
}

json json_of(const http::Response& answer, int status) {
  INFO(answer.body);
  REQUIRE(answer.status == status);
  return json::parse(answer.body);
}

json problem_of(const http::Response& answer, int status) {
  json body = json_of(answer, status);
  CHECK(answer.headers.at("Content-Type") == "application/problem+json");
  CHECK(body["status"] == status);
  return body;
}

std::string path_of(const json& item) { return items_path + "/" + item["id"].get<std::string>(); }

std::vector<json> listed(int limit) {
  const std::string first = items_path + "?limit=" + std::to_string(limit);
  std::vector<json> out;
  for (std::string path = first; !path.empty();) {
    const json page = json_of(call("GET", path), 200);
    out.insert(out.end(), page["items"].begin(), page["items"].end());
    path = page.contains("nextCursor") ? first + "&cursor=" + page["nextCursor"].get<std::string>() : "";
  }
  return out;
}

Cleanup::~Cleanup() {
  // With --abort even CHECK throws, once a test has failed; out of a destructor that would end the program.
  try {
    for (const std::string& path : paths_) CHECK(call("DELETE", path).status == 204);
  } catch (...) {
    return;
  }
}

}  // namespace app::integration
