// What a run of the pipeline leaves for the next: which jobs passed, under what they depended on, so that a
// run can go on where one failed.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipelines/model/types.h"
#include "runtime/base/error.h"
#include "runtime/git/snapshot.h"

namespace msctl::pipeline {

// The SHA-256, in hexadecimal, of a job's commands and of every file that it names under `paths`. `prefix`:
// the workspace's root from the repository's ("shop/", or empty).
std::string key_of(const Job& job, const std::vector<git::SnapshotFile>& files, const std::string& prefix);

// Whether a path is under one of a job's: "services/orders/**", "msctl.*.yaml".
bool matches(const std::string& pattern, std::string_view path);

using Memory = std::map<std::string, std::string>;  // the keys of jobs that passed, by id

// An unreadable one is as none.
Memory parse_memory(std::string_view text);
std::string print_memory(const Memory& memory);

}  // namespace msctl::pipeline
