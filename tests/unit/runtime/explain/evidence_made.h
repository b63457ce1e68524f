// Evidence for the tests of rules, made by hand.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "runtime/explain/evidence.h"
#include "runtime/explain/rules/explain.h"

namespace msctl::explain {

using namespace std::chrono_literals;

inline constexpr base::WallTime now{std::chrono::seconds{1'700'000'000}};

inline Container container(std::string image = "localhost:5000/shop/orders:2") {
  Container out;
  out.name = "orders";
  out.image = std::move(image);
  return out;
}

inline Replica replica(Container container, std::string name = "orders-a") {
  Replica out;
  out.name = std::move(name);
  out.node = "node-1";
  out.created = now - 5s;
  out.containers.push_back(std::move(container));
  return out;
}

inline Evidence evidence(std::vector<Replica> replicas) {
  Evidence out;
  out.now = now;
  out.service = "orders";
  out.environment = "staging";
  out.space = "shop";
  out.replicas = std::move(replicas);
  return out;
}

inline Container waiting(std::string reason, std::string message) {
  Container out = container();
  out.waiting = Waiting{std::move(reason), std::move(message)};
  return out;
}

// Has ended `ends` times, the last run after so long, and waits for the next.
inline Container crashed(int exit_code, int ends, base::Duration ran = 1s, std::string last_words = "") {
  Container out = waiting("CrashLoopBackOff", "back-off 10s restarting failed container=orders");
  out.restarts = ends - 1;
  out.ended = Ended{exit_code, exit_code > 128 ? exit_code - 128 : 0,
                    false,     "Error",
                    "",        now - 2s - std::chrono::duration_cast<base::WallTime::duration>(ran),
                    now - 2s};
  out.last_words = std::move(last_words);
  return out;
}

inline Container running(base::Duration since = 5s) {
  Container out = container();
  out.running = true;
  out.since = now - std::chrono::duration_cast<base::WallTime::duration>(since);
  return out;
}

// The one finding of a replica; a finding with a sentence that no test expects if there are more or none.
inline Finding only(const Evidence& evidence) {
  auto all = explain(evidence);
  if (all.size() == 1) return all.front();
  Finding none;
  none.sentence = std::to_string(all.size()) + " findings";
  for (const Finding& each : all) none.sentence += "; " + each.sentence;
  return none;
}

}  // namespace msctl::explain
