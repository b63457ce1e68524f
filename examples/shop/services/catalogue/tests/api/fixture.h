// The whole interface on a store in memory.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "api/api.h"
#include "tests/memory_store.h"

namespace app {

struct Fixture {
  MemoryStore store;
  std::vector<nlohmann::json> lines;
  Log log{"test", Level::info,
          [this](std::string_view line) { lines.push_back(nlohmann::json::parse(line)); }};
  Metrics metrics;
  bool draining = false;
  Api api{store, log, metrics, [this] { return draining; }};

  // A body is JSON unless a header says otherwise.
  http::Response call(const std::string& method, const std::string& path, const std::string& body = {},
                      http::Headers headers = {}) {
    http::Request request;
    request.method = method;
    request.path = path.substr(0, path.find('?'));
    if (const auto question = path.find('?'); question != std::string::npos) {
      const std::string query = path.substr(question + 1);
      request.query.emplace(query.substr(0, query.find('=')), query.substr(query.find('=') + 1));
    }
    if (!body.empty()) headers.emplace("Content-Type", "application/json");
    request.headers = std::move(headers);
    request.body = body;
    return api.handle(request);
  }

  nlohmann::json create(const std::string& body) {
    return nlohmann::json::parse(call("POST", "/items", body).body);
  }
};

// The body of an answer that must be a problem of this status.
nlohmann::json problem_of(const http::Response& response, int status);

}  // namespace app
