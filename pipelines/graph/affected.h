// Which services a set of changes affects, and why.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/workspace/types.h"

namespace msctl::graph {

struct Cause {
  enum class Kind {
    file,  // in the service's own folder
    uses,  // in a shared folder that the service names under `uses`
    key,   // of msctl.yaml, or of an overlay, that matters to the service
    need,  // the service needs one that is affected itself: its integration tests may end otherwise
  };
  Kind kind;
  std::string what;  // a path from the workspace's root, a key such as "gateway.defaults", a service
  bool operator==(const Cause&) const = default;
};

std::string_view kind_name(Cause::Kind kind);

struct Affected {
  std::string service;
  std::vector<Cause> because;  // in the order of the kinds, then of what

  // Whether the service itself may be another one, so that it is to be tested and built again; else only what
  // it needs has changed.
  bool itself() const;
};

struct Changes {
  std::vector<std::string> paths;   // from the workspace's root
  std::vector<std::string> keys;    // of msctl.yaml: "gateway.authentication.users"
  std::vector<std::string> joined;  // services that the patterns under `services` did not cover before
};

struct Verdict {
  std::vector<Affected> services;    // by name
  std::vector<std::string> unowned;  // paths that are no service's
};

Verdict affected(const workspace::Workspace& workspace, const Changes& changes);

}  // namespace msctl::graph
