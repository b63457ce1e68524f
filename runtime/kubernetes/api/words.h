// A server's refusal as an error of ours: what was tried, as whom, whose rule it was, and what to do.
#pragma once

#include <string>
#include <string_view>

#include "runtime/kubernetes/api/failure.h"

namespace msctl::kubernetes::api {

base::Error in_words(const Failure& failure, const About& about, const std::string& who);

// "Deployment/orders: .spec.replicas is stated by 'ann', last changed …"; the other fields stand in the
// notes.
base::Error conflict_in_words(const Failure& failure, const std::string& what);

// The text between the first `open` and the next `close`; empty where they are not there.
std::string between(std::string_view text, std::string_view open, std::string_view close);

// {apiGroups: ["apps"], resources: ["deployments"], verbs: ["create"]}
std::string rule_for(const About& about);

}  // namespace msctl::kubernetes::api
