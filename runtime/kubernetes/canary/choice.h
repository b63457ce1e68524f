// Which services of a release can be tried with a part of their traffic before they are rolled out, and why
// the others cannot.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/error.h"
#include "runtime/release/release.h"

namespace msctl::kubernetes::canary {

using Json = nlohmann::json;

// What was asked for.
struct Request {
  std::vector<int> shares;  // percent of the traffic at the gateway, growing, 1 to 100
  base::Duration interval = std::chrono::minutes(1);  // that each share is watched, at least
  int patience = 5;  // intervals more, where an interval was too short to tell
};

// A service that is tried.
struct Subject {
  std::string service;
  std::string name;                 // of its canary: "orders-canary"
  std::vector<std::string> routes;  // at the gateway, of the running release
};

struct Left {
  std::string service;
  std::string because;  // "it has no route at the gateway"
};

struct Choice {
  std::vector<Subject> subjects;
  std::vector<Left> left;
  std::vector<std::string> first;  // new parts that a subject needs: nobody else knows them yet
};

// "orders-canary"; a name that would be longer than a label's value may be (63 bytes) is cut and told apart
// by a digest.
std::string canary_name(const std::string& service);

// Of the services that `wanted` was made for, those whose Pods change against `running`. Errors: noCanary
// where there is none that can be tried, canaryNameTaken.
base::Result<Choice> choose(const release::Release& wanted, const std::optional<release::Release>& running);

// The object of a part that is its Deployment, or null.
const Json* deployment_of(const release::Part& part);

// The part that is the gateway, or null; and its ConfigMap.
const release::Part* gateway_of(const release::Release& release);
const Json* configuration_of(const release::Part& gateway);

}  // namespace msctl::kubernetes::canary
