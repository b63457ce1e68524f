// What `status` tells, the same for the local run and for a cluster. Others read the document: a key that is
// there stays, and means the same.
#pragma once

#include <nlohmann/json_fwd.hpp>

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
};

nlohmann::ordered_json to_json(const Status& status);
base::Result<Status> status_from_json(const nlohmann::json& document);

}  // namespace msctl::release
