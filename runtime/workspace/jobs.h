// `jobs` in service.yaml: what runs once before or after a deploy of the service.
#pragma once

#include <vector>

#include "runtime/base/error.h"
#include "runtime/base/schema/schema.h"
#include "runtime/base/yaml/node.h"
#include "runtime/workspace/types.h"

namespace msctl::workspace {

// What stands behind the job's name in its name in a cluster: '-' and so many digits of a hash.
inline constexpr std::size_t job_hash_digits = 10;

schema::TypePtr jobs_type();

// Those of a service.yaml that fits its schema, in their order. Errors: badJob, wrongValue.
std::vector<Job> decode_jobs(const yaml::Node& root, const Service& service, base::Errors& errors);

}  // namespace msctl::workspace
