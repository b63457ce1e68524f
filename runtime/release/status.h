// What `status` tells, the same for the local run and for a cluster. Others read the document: a key that is
// there stays, and means the same.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/error.h"

namespace msctl::release {

enum class State { pending, building, starting, ready, unready, backoff, stopping, stopped, failed, idle };

std::string_view to_string(State state);
std::optional<State> state_from(std::string_view text);

struct ReplicaStatus {
  std::string id;   // "orders-1"
  int pid = 0;      // local run
  std::string pod;  // cluster
  int port = 0;
  State state = State::pending;
  int restarts = 0;
  std::string started_at;  // RFC 3339, empty before the first start
};

// A fact with its reason, as in Kubernetes: {"Ready", "False", "MSC2014", "GET /health/ready answers 503"}.
struct Condition {
  std::string type;
  bool status = false;
  std::string code;
  std::string message;
  std::vector<std::string> evidence{};  // what shows it, a line each: last words, a probe's answer, an event
  std::string cure{};                   // one sentence, with the command to type
};

// What an autoscaler last did, and what it looked at.
struct Decision {
  std::string at;  // RFC 3339; empty: it has not changed anything yet
  int from = 0;    // replicas
  int to = 0;      // replicas
  std::string
      metric;  // "cpu", "memory", "requestsPerSecond", "concurrency", "latencyP95"; empty: none is known
  double value = 0;    // percent of what is asked for, requests a second of each replica, requests, seconds
  double target = 0;   // in the same unit
  std::string reason;  // in words
};

struct Autoscaler {
  int min = 1;
  int max = 1;
  int desired = 0;
  Decision last;
};

// What went to a service in the last half minute, over all gateways.
struct Traffic {
  double per_second = 0;             // requests
  double errors_per_second = 0;      // answered 5xx, by the service or for its sake
  double p50 = 0, p95 = 0, p99 = 0;  // seconds from a request's first byte to its answer's last
  std::uint64_t in_flight = 0;       // requests, now
};

// What a cluster complained of within the last hour.
struct Warning {
  std::string at;      // RFC 3339: seen last
  std::string object;  // "Pod/orders-5d8f-x": of several, the one that it was seen at last
  std::string reason;  // one word: "FailedMount"
  std::string message;
  int count = 0;
};

struct ServiceStatus {
  std::string name;
  State state = State::pending;
  std::string version;
  int desired = 0;
  int ready = 0;
  std::vector<ReplicaStatus> replicas;
  std::map<std::string, std::string> needs;  // need → URL as this service sees it
  std::vector<Condition> conditions;
  std::optional<Autoscaler> autoscaler{};
  std::vector<Warning> warnings{};   // the newest first
  std::optional<Traffic> traffic{};  // nothing: it is not known, or no gateway knows the service
};

struct GatewayStatus {
  std::string url;
  std::string admin_socket;
  int pid = 0;
};

struct Status {
  std::string workspace;
  std::string environment = "local";
  bool running = false;
  GatewayStatus gateway;
  std::vector<ServiceStatus> services;
  std::vector<std::string> notes{};  // what could not be looked at, and why; the rest stands
};

nlohmann::ordered_json to_json(const Status& status);
base::Result<Status> status_from_json(const nlohmann::json& document);

}  // namespace msctl::release
