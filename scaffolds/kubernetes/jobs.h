// What runs once around a deploy of a service: Jobs whose Pod is the service's own, with another command, and
// what lets that Pod reach what the service reaches.
//
// Such a Pod must be none of the service's replicas: whatever selects those - Service, Deployment,
// PodDisruptionBudget, NetworkPolicies - does so by `app.kubernetes.io/name: orders`, and a Deployment's
// selector can never be changed. So the Pods of its jobs have the name "orders.jobs", which no service can
// have (a service's name is a label of RFC 1123, without dots). They are let in where the service is let in
// by policies of their own, beside those of the services that they call; policies add up. Thus all that the
// jobs of a service need is deployed, and goes, with that service alone.
#pragma once

#include <string>
#include <string_view>

#include "scaffolds/kubernetes/objects.h"

namespace msctl::scaffolds::kubernetes {

// What msctl finds Jobs and their Pods by, whichever release they are of.
inline constexpr const char* job_of = "msctl.dev/job-of";  // label: the service
inline constexpr const char* job_name = "msctl.dev/job";   // annotation: the job's name within it
inline constexpr const char* job_when = "msctl.dev/when";  // annotation: before, after

// "orders.jobs".
std::string jobs_name(std::string_view service);

// The Jobs of a service, in their order, each with the name SERVICE-JOB-HASH, where HASH is that of its spec:
// what is the same has run already, and another image or setting makes another one. `deployment`: the
// service's, as it is to be applied.
Objects jobs_of(const containers::Container& container, std::string_view workspace,
                const nlohmann::ordered_json& deployment);

// Who may talk to whom for the sake of these Jobs.
Objects job_policies(const containers::Containers& all, const containers::Container& container);

// Both, put in among the objects of the service: before its Deployment what goes before it.
void add_jobs(const containers::Containers& all, const containers::Container& container, Objects& objects);

}  // namespace msctl::scaffolds::kubernetes
