// `msctl generate`, apart from how it tells: the workspace read for every environment, its kinds emitted, and
// the plan made of them.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "cli/context.h"
#include "runtime/base/error.h"
#include "runtime/generated/disk.h"
#include "runtime/generated/plan.h"

namespace msctl::cli::join {

struct GenerateRequest {
  std::string kind = "all";
  std::vector<std::string> services = {};  // only what belongs to these; empty: everything
  bool reads_lock = false;
  enum class Pins {
    as_they_are,
    refreshed,
    newest
  } pins = Pins::as_they_are;  // newest: of any major version
};

struct Generation {
  std::string root;
  std::vector<generated::KindFile> files;
  std::vector<std::string> whole_kinds;  // of which `files` holds all
  std::vector<std::string> notes;
  generated::LockFile last = {};  // where it was asked for
  std::string pins = {};          // of msctl.pins, where they were refreshed
  base::Errors failed = {};       // sources of pins that gave none
};

// Errors: those of the workspace, unknownName, those of the kinds, and those of read_lock.
std::expected<Generation, base::Errors> generate(Context& context, const GenerateRequest& request);

}  // namespace msctl::cli::join
