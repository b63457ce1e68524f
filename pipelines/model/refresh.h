// Newer pins: which of them a workspace's files hold, and which of a repository's tags is the next one.
#pragma once

#include <string>
#include <vector>

#include "pipelines/model/pins.h"
#include "runtime/base/error.h"

namespace msctl::pipeline {

struct Tag {
  std::string name;    // "v6.0.2"
  std::string commit;  // in hexadecimal
};

// The pin of the newest release among a repository's tags: a whole version without a suffix, of the same
// major one unless `any_major`, and never an older one. The same version keeps its commit: a tag that leads
// to another one was moved, which is an error. Errors: pinSource.
base::Result<Pin> newest_release(const Pin& pin, const std::vector<Tag>& tags, bool any_major);

// Where the repository of an action is: "https://github.com/actions/cache" of "actions/cache/save".
std::string repository_of(const Pin& pin);

}  // namespace msctl::pipeline
