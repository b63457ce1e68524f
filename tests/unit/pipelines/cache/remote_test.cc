#include "pipelines/cache/remote.h"

#include <functional>
#include <vector>

#include "tests/catch.h"

using namespace msctl;

namespace {

class FakeTransport final : public http::Transport {
public:
  std::vector<http::Request> asked;
  std::function<std::expected<http::Response, http::Failure>(const http::Request&)> answer;

  std::expected<http::Response, http::Failure> send(const http::Request& request) override {
    asked.push_back(request);
    return answer(request);
  }
};

http::Response status(int number) {
  http::Response out;
  out.status = number;
  return out;
}

std::string header(const http::Request& request, std::string_view name) {
  for (const auto& [each, value] : request.headers)
    if (each == name) return value;
  return {};
}

struct Shared {
  FakeTransport transport;
  cache::Remote remote{transport, *http::parse_url("https://cache.example/team"), "secret"};
};

}  // namespace

TEST_CASE_METHOD(Shared, "an entry is asked for by its key, with the token") {
  transport.answer = [](const http::Request& request) {
    request.sink("by");
    request.sink("tes");
    return status(200);
  };
  CHECK(remote.get("abc") == "bytes");
  REQUIRE(transport.asked.size() == 1);
  CHECK(transport.asked[0].method == "GET");
  CHECK(transport.asked[0].url.text() == "https://cache.example/team/abc");
  CHECK(header(transport.asked[0], "Authorization") == "Bearer secret");
}

TEST_CASE_METHOD(Shared, "what is not there is no trouble") {
  transport.answer = [](const http::Request&) { return status(404); };
  CHECK_FALSE(remote.get("abc"));
  CHECK_FALSE(remote.get("abd"));
  CHECK(transport.asked.size() == 2);
  CHECK(remote.trouble().empty());
}

TEST_CASE_METHOD(Shared, "an entry is put whole") {
  std::string body;
  transport.answer = [&](const http::Request& request) {
    body.resize(request.body->size);
    request.body->read(0, body.data(), body.size());
    return status(201);
  };
  remote.put("abc", "bytes");
  CHECK(body == "bytes");
  CHECK(transport.asked[0].method == "PUT");
  CHECK(remote.trouble().empty());
}

TEST_CASE_METHOD(Shared, "after the first trouble it is left alone, and told without the token") {
  SECTION("a status") {
    transport.answer = [](const http::Request&) { return status(500); };
  }
  SECTION("no connection") {
    transport.answer = [](const http::Request&) -> std::expected<http::Response, http::Failure> {
      return std::unexpected(http::Failure{http::Failure::Kind::connect, "connection refused"});
    };
  }
  CHECK_FALSE(remote.get("abc"));
  CHECK_FALSE(remote.get("abd"));
  remote.put("abc", "bytes");
  CHECK(transport.asked.size() == 1);
  CHECK(remote.trouble().find("https://cache.example/team") != std::string::npos);
  CHECK(remote.trouble().find("secret") == std::string::npos);
}

TEST_CASE_METHOD(Shared, "a server that takes nothing from this run is still read") {
  transport.answer = [](const http::Request& request) { return status(request.method == "PUT" ? 403 : 404); };
  remote.put("abc", "bytes");
  remote.put("abd", "bytes");
  CHECK_FALSE(remote.get("abc"));
  CHECK(transport.asked.size() == 2);
  CHECK(remote.trouble().empty());
}

TEST_CASE_METHOD(Shared, "an answer without an end is cut") {
  bool stopped = false;
  transport.answer = [&](const http::Request& request) {
    const std::string megabyte(1u << 20, 'x');
    for (int i = 0; i < 100 && !stopped; ++i) stopped = !request.sink(megabyte);
    return std::expected<http::Response, http::Failure>(
        std::unexpected(http::Failure{http::Failure::Kind::refused, "too much"}));
  };
  CHECK_FALSE(remote.get("abc"));
  CHECK(stopped);
}

TEST_CASE_METHOD(Shared, "what is too large for the memory goes in pieces, both ways") {
  std::string body;
  transport.answer = [&](const http::Request& request) {
    if (request.method == "PUT") {
      body.resize(request.body->size);
      for (std::size_t at = 0; at < body.size();)
        at += request.body->read(at, body.data() + at, std::min<std::size_t>(2, body.size() - at));
    } else if (request.method == "GET") {
      for (const char byte : body) request.sink({&byte, 1});
    }
    return status(request.method == "HEAD" && body.empty() ? 404 : 200);
  };
  CHECK_FALSE(remote.has("abc"));
  CHECK(remote.put("abc", http::body_of("bytes")));
  CHECK(remote.has("abc"));
  std::string come;
  CHECK(remote.fetch("abc", [&](std::string_view more) {
    come += more;
    return true;
  }));
  CHECK(come == "bytes");
}

TEST_CASE_METHOD(Shared,
                 "what is too large for the server, and a HEAD that it does not know, is no trouble") {
  transport.answer = [](const http::Request& request) { return status(request.method == "PUT" ? 413 : 501); };
  CHECK_FALSE(remote.has("abc"));
  CHECK_FALSE(remote.put("abc", http::body_of("bytes")));
  CHECK(remote.trouble().empty());
  CHECK(transport.asked.size() == 2);
}
