// Dockerfiles as lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace msctl::scaffolds::dockerfile {

// The images of the first FROM and of the last.
struct Bases {
  std::string build, last;
};
Bases bases_of(std::string_view dockerfile);

// ["go", "build"]: for RUN and CMD.
std::string exec_form(const std::vector<std::string>& argv);

// A Dockerfile that is written to be built in the service's own folder, for being built from the workspace's
// root: `folder` is the service's, `uses` are the shared ones. The layout within the image becomes that of
// the workspace, so that "../../libs/money" leads to the same place.
std::string from_root(std::string_view dockerfile, std::string_view folder,
                      const std::vector<std::string>& uses);

}  // namespace msctl::scaffolds::dockerfile
