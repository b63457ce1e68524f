// What the steps of a service depend on, and what they see: the same for tests, linters and images.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/context.h"
#include "pipelines/cache/inputs.h"
#include "pipelines/cache/tools.h"
#include "runtime/workspace/types.h"

namespace msctl::cli::join {

struct Dependence {
  std::vector<std::string> environment;  // of the steps
  cache::Task task;
};

class Depends {
public:
  Depends(const Context& context, const workspace::Workspace& workspace, cache::Tools& tools);

  // All but the service's files. `kind`: "test", "lint", "image".
  Dependence of(const workspace::Service& service, std::string_view kind,
                const std::vector<toolchain::Argv>& steps);

private:
  const Context& context_;
  const workspace::Workspace& workspace_;
  cache::Tools& tools_;
  base::Result<toolchain::Languages> languages_;
  std::map<std::string, std::vector<cache::Input>> known_;  // of a language's tools
};

// Where results are kept for all workspaces of this user; empty where nothing says. XDG Base Directory
// Specification.
std::string cache_folder(const Context& context);

}  // namespace msctl::cli::join
