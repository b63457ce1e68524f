// An API server of a few lines: answers what a test says, and remembers what was asked.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "runtime/kubernetes/api/client.h"
#include "tests/fakes/clock.h"
#include "tests/fakes/files.h"
#include "tests/fakes/processes.h"

namespace msctl::fakes {

using Json = nlohmann::json;
using Heard = std::expected<http::Response, http::Failure>;

struct Asked {
  std::string method, target, body;
  http::Headers headers;
  bool once = false;

  std::string header(const std::string& name) const {
    for (const auto& [each, value] : headers)
      if (each == name) return value;
    return {};
  }
  std::string line() const { return method + " " + target; }
};

// Gives a 2xx to whoever takes it, as http::Client does.
inline Heard give(const http::Request& request, int status, const std::string& body,
                  http::Headers headers = {}) {
  http::Response out;
  out.status = status;
  out.headers = std::move(headers);
  if (status / 100 == 2 && request.sink) {
    if (!body.empty() && !request.sink(body))
      return std::unexpected(http::Failure{http::Failure::Kind::refused, "the content was not taken"});
  } else {
    out.body = body;
  }
  return out;
}

inline Heard give(const http::Request& request, int status, const Json& body, http::Headers headers = {}) {
  return give(request, status, body.dump(), std::move(headers));
}

inline Heard broken(http::Failure::Kind kind = http::Failure::Kind::broken) {
  return std::unexpected(http::Failure{kind, "it broke"});
}

inline Json refusal(int status, const std::string& reason, const std::string& message,
                    Json details = Json::object()) {
  return {{"kind", "Status"}, {"apiVersion", "v1"}, {"status", "Failure"},          {"code", status},
          {"reason", reason}, {"message", message}, {"details", std::move(details)}};
}

struct ApiServer {
  std::vector<Asked> asked;
  std::vector<base::Duration> pauses;
  std::vector<std::string> warnings;
  std::vector<http::Tls> connected;
  std::function<Heard(const http::Request&, const Asked&)> on;
  std::function<void()> on_pause;
  FakeClock clock;
  FakeFiles files;
  FakeProcesses processes;
  kubernetes::kubeconfig::Access access;
  kubernetes::api::Limits limits;

  ApiServer() {
    access.context = "test";
    access.cluster.name = "test";
    access.cluster.server = "https://api.example:6443";
    access.user.name = "ann";
    access.user.token = "t0p-SECRET";
    access.space = "shop";
  }

  base::Result<kubernetes::api::Client> connect() {
    kubernetes::api::Options options;
    options.limits = limits;
    options.sleep = [this](base::Duration duration) {
      const std::lock_guard lock(mutex_);
      pauses.push_back(duration);
      if (on_pause) on_pause();
    };
    options.warning = [this](const std::string& words) { warnings.push_back(words); };
    options.transport = [this](const http::Tls& tls) {
      connected.push_back(tls);
      return std::make_shared<Transport>(*this);
    };
    return kubernetes::api::Client::connect(access, {files, processes, clock}, std::move(options));
  }
  kubernetes::api::Client client() { return *connect(); }

  std::vector<std::string> lines() const {
    std::vector<std::string> out;
    for (const Asked& each : asked) out.push_back(each.line());
    return out;
  }

private:
  struct Transport final : http::Transport {
    explicit Transport(ApiServer& all) : server(all) {}
    Heard send(const http::Request& request) override {
      Asked made{request.method, request.url.target, {}, request.headers, request.once};
      if (request.body) {
        made.body.resize(static_cast<std::size_t>(request.body->size));
        (void)request.body->read(0, made.body.data(), made.body.size());
      }
      const std::lock_guard lock(server.mutex_);
      server.asked.push_back(made);
      return server.on(request, made);
    }
    ApiServer& server;
  };
  std::mutex mutex_;
};

inline Json object(const std::string& kind, const std::string& name, const std::string& version = "1",
                   const std::string& uid = "u") {
  return {{"apiVersion", kind == "Deployment" ? "apps/v1" : "v1"},
          {"kind", kind},
          {"metadata",
           {{"name", name}, {"namespace", "shop"}, {"resourceVersion", version}, {"uid", uid + "-" + name}}}};
}

}  // namespace msctl::fakes
