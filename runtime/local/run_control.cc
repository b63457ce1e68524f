// The control socket's requests:
//   GET  /v1/status
//   POST /v1/scale    {"orders": 3}
//   POST /v1/restart  {"services": ["orders"]}, none: all
//   POST /v1/stop     {"services": ["orders"]}, none: the run; answered when they are gone
//   POST /v1/wait     {"services": [], "for": "ready"}; answered when it is so, or never can be
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "runtime/local/control/client.h"
#include "runtime/local/run.h"

namespace msctl::local {
namespace {

std::vector<std::string> names_in(const nlohmann::json& body) {
  return body.contains("services") ? body.at("services").get<std::vector<std::string>>()
                                   : std::vector<std::string>{};
}

int status_for(base::Code code) {
  return code == base::Code::unknownName ? 404 : 409;
}

}  // namespace

void Run::on_request(const ControlRequest& request, std::shared_ptr<ControlServer::Answer> answer) {
  if (request.method == "GET" && request.path == "/v1/status")
    return answer->send(200, release::to_json(status()).dump());
  base::Result<void> done;
  try {
    done = obey(request, answer);
  } catch (const nlohmann::json::exception& error) {
    done = base::fail(base::Code::usage, std::string("malformed request: ") + error.what());
  }
  if (!done) answer->send(status_for(done.error().code), error_to_json(done.error()));
}

base::Result<void> Run::obey(const ControlRequest& request,
                             const std::shared_ptr<ControlServer::Answer>& answer) {
  nlohmann::json body = nlohmann::json::parse(request.body.empty() ? "{}" : request.body);
  auto acknowledge = [&](base::Result<void> result) {
    if (result) answer->send(200, "{}");
    return result;
  };
  if (request.path == "/v1/scale")
    return acknowledge(supervisor_.scale(body.get<std::map<std::string, int>>()));
  std::vector<std::string> names = names_in(body);
  bool all = names.empty();
  if (all)
    for (const PlannedService& service : options_.services) names.push_back(service.spec.name);
  for (const std::string& name : names)
    if (std::as_const(supervisor_).find(name) == nullptr)
      return supervisor_.restart({name});  // for its error
  if (request.path == "/v1/restart") return acknowledge(supervisor_.restart(names));
  if (request.path == "/v1/stop") {
    if (all)
      begin_end();
    else if (auto stopped = supervisor_.stop(names); !stopped)
      return stopped;
    waiters_.push_back({names, false, all, answer});
    return {};
  }
  if (request.path == "/v1/wait") {
    waiters_.push_back({names, body.value("for", "ready") == "ready", false, answer});
    return {};
  }
  return base::fail(base::Code::usage, "no such request: " + request.path);
}

void Run::answer_waiters() {
  std::erase_if(waiters_, [this](const Waiter& waiter) {
    if (waiter.answer->gone()) return true;
    if (waiter.whole_run) return false;
    std::set<std::string> names(waiter.services.begin(), waiter.services.end());
    bool all_ready = true, all_gone = true, some_stopped = false;
    for (const std::string& name : names) {
      const Service& service = *std::as_const(supervisor_).find(name);
      State state = supervisor_.state_of(service);
      all_ready = all_ready && (state == State::ready || state == State::idle);
      all_gone = all_gone && service.replicas.empty();
      some_stopped = some_stopped || service.stopped || supervisor_.stopping();
    }
    if (waiter.for_ready ? all_ready : all_gone) {
      waiter.answer->send(200, "{}");
      return true;
    }
    if (!waiter.for_ready) return false;
    std::optional<base::Error> never = supervisor_.hopeless(names);
    if (!never && !some_stopped) return false;
    base::Error error;
    error.code = base::Code::waitImpossible;
    error.message = never ? never->message : "a service is stopped, so that it will not become ready";
    error.suggestion = "msctl status";
    waiter.answer->send(409, error_to_json(error));
    return true;
  });
}

release::Status Run::status() const {
  release::Status out;
  out.workspace = options_.workspace;
  out.running = true;
  if (gateway_) out.gateway = {gateway_->url(), gateway_->admin(), ::getpid()};
  for (const Service& service : supervisor_.services()) {
    release::ServiceStatus status;
    status.name = service.spec.name;
    status.state = supervisor_.state_of(service);
    status.desired = service.stopped ? 0 : service.desired;
    status.ready = supervisor_.ready_count(service);
    for (const Replica& replica : service.replicas)
      status.replicas.push_back({replica.id(), replica.pid, "", replica.port, replica.state, replica.restarts,
                                 base::to_rfc3339(replica.started)});
    for (const std::string& need : service.spec.needs)
      status.needs[need] = need_urls_.at({service.spec.name, need});
    status.conditions = supervisor_.conditions(service);
    if (std::size_t dropped = logs_.dropped(service.spec.name); dropped > 0)
      status.conditions.push_back({"LogsKept", false, base::to_string(base::Code::logsDropped),
                                   fmt::format("{} log lines were dropped: the disk is full", dropped)});
    out.services.push_back(std::move(status));
  }
  return out;
}

}  // namespace msctl::local
