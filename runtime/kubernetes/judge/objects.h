// The objects of a cluster that tell of one service, as the API server gives them.
#pragma once

#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <vector>

namespace msctl::kubernetes::judge {

using Json = nlohmann::json;
using Objects = std::vector<const Json*>;  // not owned

// A Deployment or a Job, with all that is known about it.
struct Subject {
  const Json* object = nullptr;      // the Deployment, or the Job
  const Json* autoscaler = nullptr;  // that decides about its replicas; may be absent
  Objects replica_sets = {};         // of the Deployment, old ones too
  Objects pods = {};
  Objects events = {};      // about any of them
  Objects nodes = {};       // of the cluster; may be absent (a namespace's user cannot see them)
  Objects neighbours = {};  // all pods of the cluster; for what nodes have free; may be absent

  std::string name() const;
  std::string service() const;  // of a Job: whose it is; else its name
  std::string job() const;      // what the service calls it; empty where it is no service's Job
};

// The same in lists, as they come from the API: what belongs to whom is told by owner references and, for
// events, by the object that they are about. Deployments and Jobs by name; "Job/NAME" where a Deployment has
// that name too.
struct Lists {
  Objects deployments = {};
  Objects jobs = {};
  Objects autoscalers = {};
  Objects replica_sets = {};
  Objects pods = {};
  Objects events = {};
  Objects nodes = {};
  Objects neighbours = {};
};
std::map<std::string, Subject> subjects(const Lists& lists);

}  // namespace msctl::kubernetes::judge
