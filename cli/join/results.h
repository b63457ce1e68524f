// Steps of services whose results are kept: those whose inputs are as they were when they passed are not run,
// and what they printed then is told again.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/context.h"
#include "cli/join/keeping.h"
#include "cli/join/steps.h"

namespace msctl::cli::join {

// The steps of one service.
struct Kept {
  const Subject* subject;
  std::vector<toolchain::Argv> steps;
  std::string report;  // absolute: where the steps leave JUnit XML, a document or a folder; empty: nowhere
};

struct KeptRun : StepsRun {
  std::vector<std::string> cases;  // in the order of what was asked: the <testcase> elements of the reports
};

class Results {
public:
  // Begins to look at the working tree. The workspace stays the caller's.
  Results(Context& context, const workspace::Workspace& workspace, KeepOptions options);

  // Asks tools for their versions, and remembers what they said.
  system::Processes& versions() { return keeping_.versions(); }

  // `kind`: "test", "lint".
  KeptRun run(std::string_view kind, const std::vector<Kept>& asked);

private:
  Context& context_;
  Keeping keeping_;
};

}  // namespace msctl::cli::join
