// What a language needs of a system that runs pipelines: the section `pipeline` of its language.yaml, as
// data. Texts may hold {service}, the service's folder from the workspace's root.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/base/schema/schema.h"

namespace msctl::toolchain {

// A folder that the language's tools fetch into: kept from one pipeline to the next.
struct CacheFolder {
  std::string name;                              // "go-modules"
  std::map<std::string, std::string> variables;  // that lead the tools there; {folder} stands for the folder
  std::vector<std::string> keys;                 // files of the service whose content names what was fetched
};

struct PipelineSetup {
  std::vector<std::string> debian;  // packages of Debian 13, for jobs in a container
  std::vector<CacheFolder> caches;
  struct GitHub {
    std::string uses;  // the action, without version: "actions/setup-go"; it keeps caches by itself
    std::map<std::string, std::string> with;
    std::string run;                  // a command instead
    std::vector<std::string> ubuntu;  // packages that the runner lacks
    std::vector<std::string> paths;   // kept from one run to the next, where no action does it
  } github;
};

const schema::TypePtr& pipeline_type();

PipelineSetup pipeline_of(const yaml::Node& section);

}  // namespace msctl::toolchain
