#include "runtime/release/status.h"

#include <array>
#include <nlohmann/json.hpp>

namespace msctl::release {
namespace {

constexpr std::array<std::string_view, 10> kStates{"pending", "building", "starting", "ready",  "unready",
                                                   "backoff", "stopping", "stopped",  "failed", "idle"};

nlohmann::ordered_json replica_json(const ReplicaStatus& replica) {
  nlohmann::ordered_json out{{"id", replica.id}};
  if (replica.pod.empty())
    out["pid"] = replica.pid;
  else
    out["pod"] = replica.pod;
  out["port"] = replica.port;
  out["state"] = to_string(replica.state);
  out["restarts"] = replica.restarts;
  out["startedAt"] = replica.started_at;
  return out;
}

nlohmann::ordered_json condition_json(const Condition& condition) {
  nlohmann::ordered_json out{{"type", condition.type},
                             {"status", condition.status},
                             {"code", condition.code},
                             {"message", condition.message}};
  if (!condition.evidence.empty()) out["evidence"] = condition.evidence;
  if (!condition.cure.empty()) out["cure"] = condition.cure;
  return out;
}

nlohmann::ordered_json autoscaler_json(const Autoscaler& autoscaler) {
  const Decision& last = autoscaler.last;
  return {{"min", autoscaler.min},
          {"max", autoscaler.max},
          {"desired", autoscaler.desired},
          {"lastDecision",
           {{"at", last.at},
            {"from", last.from},
            {"to", last.to},
            {"metric", last.metric},
            {"value", last.value},
            {"target", last.target},
            {"reason", last.reason}}}};
}

nlohmann::ordered_json traffic_json(const Traffic& traffic) {
  return {{"requestsPerSecond", traffic.per_second},
          {"errorsPerSecond", traffic.errors_per_second},
          {"p50", traffic.p50},
          {"p95", traffic.p95},
          {"p99", traffic.p99},
          {"inFlight", traffic.in_flight}};
}

nlohmann::ordered_json warning_json(const Warning& warning) {
  return {{"at", warning.at},
          {"object", warning.object},
          {"reason", warning.reason},
          {"message", warning.message},
          {"count", warning.count}};
}

nlohmann::ordered_json service_json(const ServiceStatus& service) {
  nlohmann::ordered_json out{{"name", service.name},
                             {"state", to_string(service.state)},
                             {"version", service.version},
                             {"desired", service.desired},
                             {"ready", service.ready},
                             {"replicas", nlohmann::ordered_json::array()},
                             {"needs", nlohmann::ordered_json::object()},
                             {"conditions", nlohmann::ordered_json::array()}};
  for (const ReplicaStatus& replica : service.replicas) out["replicas"].push_back(replica_json(replica));
  for (const auto& [need, url] : service.needs) out["needs"][need] = url;
  for (const Condition& condition : service.conditions)
    out["conditions"].push_back(condition_json(condition));
  if (service.autoscaler) out["autoscaler"] = autoscaler_json(*service.autoscaler);
  if (service.traffic) out["traffic"] = traffic_json(*service.traffic);
  for (const Warning& warning : service.warnings) out["warnings"].push_back(warning_json(warning));
  return out;
}

ReplicaStatus replica_from(const nlohmann::json& in) {
  ReplicaStatus replica;
  replica.id = in.at("id").get<std::string>();
  replica.pid = in.value("pid", 0);
  replica.pod = in.value("pod", "");
  replica.port = in.at("port").get<int>();
  replica.state = state_from(in.at("state").get<std::string>()).value_or(State::pending);
  replica.restarts = in.at("restarts").get<int>();
  replica.started_at = in.at("startedAt").get<std::string>();
  return replica;
}

Autoscaler autoscaler_from(const nlohmann::json& in) {
  const auto& last = in.at("lastDecision");
  return {in.at("min").get<int>(),
          in.at("max").get<int>(),
          in.at("desired").get<int>(),
          {last.at("at").get<std::string>(), last.at("from").get<int>(), last.at("to").get<int>(),
           last.at("metric").get<std::string>(), last.at("value").get<double>(),
           last.at("target").get<double>(), last.at("reason").get<std::string>()}};
}

Traffic traffic_from(const nlohmann::json& in) {
  return {in.at("requestsPerSecond").get<double>(),
          in.at("errorsPerSecond").get<double>(),
          in.at("p50").get<double>(),
          in.at("p95").get<double>(),
          in.at("p99").get<double>(),
          in.at("inFlight").get<std::uint64_t>()};
}

Warning warning_from(const nlohmann::json& in) {
  return {in.at("at").get<std::string>(), in.at("object").get<std::string>(),
          in.at("reason").get<std::string>(), in.at("message").get<std::string>(), in.at("count").get<int>()};
}

ServiceStatus service_from(const nlohmann::json& in) {
  ServiceStatus service;
  service.name = in.at("name").get<std::string>();
  service.state = state_from(in.at("state").get<std::string>()).value_or(State::pending);
  service.version = in.at("version").get<std::string>();
  service.desired = in.at("desired").get<int>();
  service.ready = in.at("ready").get<int>();
  for (const auto& replica : in.at("replicas")) service.replicas.push_back(replica_from(replica));
  service.needs = in.at("needs").get<std::map<std::string, std::string>>();
  for (const auto& each : in.at("conditions"))
    service.conditions.push_back({each.at("type").get<std::string>(), each.at("status").get<bool>(),
                                  each.at("code").get<std::string>(), each.at("message").get<std::string>(),
                                  each.value("evidence", std::vector<std::string>{}),
                                  each.value("cure", "")});
  if (in.contains("autoscaler")) service.autoscaler = autoscaler_from(in.at("autoscaler"));
  if (in.contains("traffic")) service.traffic = traffic_from(in.at("traffic"));
  if (in.contains("warnings"))
    for (const auto& each : in.at("warnings")) service.warnings.push_back(warning_from(each));
  return service;
}

}  // namespace

std::string_view to_string(State state) {
  return kStates.at(static_cast<std::size_t>(state));
}

std::optional<State> state_from(std::string_view text) {
  for (std::size_t i = 0; i < kStates.size(); ++i)
    if (kStates[i] == text) return static_cast<State>(i);
  return std::nullopt;
}

nlohmann::ordered_json to_json(const Status& status) {
  nlohmann::ordered_json out{{"schema", 1},
                             {"ok", true},
                             {"workspace", status.workspace},
                             {"environment", status.environment},
                             {"running", status.running},
                             {"gateway",
                              {{"url", status.gateway.url},
                               {"adminSocket", status.gateway.admin_socket},
                               {"pid", status.gateway.pid}}},
                             {"services", nlohmann::ordered_json::array()}};
  for (const ServiceStatus& service : status.services) out["services"].push_back(service_json(service));
  if (!status.notes.empty()) out["notes"] = status.notes;
  return out;
}

base::Result<Status> status_from_json(const nlohmann::json& document) {
  try {
    Status status;
    status.workspace = document.at("workspace").get<std::string>();
    status.environment = document.at("environment").get<std::string>();
    status.running = document.at("running").get<bool>();
    const auto& gateway = document.at("gateway");
    status.gateway = {gateway.at("url").get<std::string>(), gateway.at("adminSocket").get<std::string>(),
                      gateway.at("pid").get<int>()};
    for (const auto& service : document.at("services")) status.services.push_back(service_from(service));
    status.notes = document.value("notes", std::vector<std::string>{});
    return status;
  } catch (const nlohmann::json::exception& error) {
    return base::fail(base::Code::controlFailed,
                      std::string("the status document is malformed: ") + error.what());
  }
}

}  // namespace msctl::release
