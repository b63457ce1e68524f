// What systems share that run each job in a container.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipelines/model/types.h"

namespace msctl::emit {

// The image that jobs run in: `pipelines.image`, with its digest where it is pinned, or Debian, which always
// is.
std::string image(const pipeline::Pipeline& pipeline);

// The packages of a job, as $PACKAGES: what every job starts with, and its own.
std::string packages(const pipeline::Job& job);
std::string common_packages();

// The folders that a job's tools fetch into, led below one that a system can keep.
struct KeptFolders {
  std::map<std::string, std::string> variables;
  std::vector<std::string> paths;  // from the working copy: ".cache/go"
  std::vector<std::string> keys;   // files whose content names what was fetched
};
// `working_copy`: how the system names its folder, "$CI_PROJECT_DIR".
KeptFolders kept_folders(const pipeline::Job& job, std::string_view working_copy);

// What a job does before its tasks, as lines of a POSIX shell: packages, msctl.
std::string preparation();

// The tasks of a job, a line each. `commit`: as for command_line.
std::vector<std::string> task_lines(const pipeline::Job& job, std::string_view commit);

std::int64_t minutes(base::Duration duration);  // rounded up

// "orders / test".
std::string title(const pipeline::Job& job);

}  // namespace msctl::emit
