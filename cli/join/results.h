// Steps of services whose results are kept: those whose inputs are as they were when they passed are not run,
// and what they printed then is told again.
#pragma once

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/join/steps.h"
#include "pipelines/cache/entry.h"
#include "pipelines/cache/inputs.h"
#include "pipelines/cache/remote.h"
#include "pipelines/cache/store.h"
#include "pipelines/cache/tools.h"
#include "runtime/http/client.h"
#include "runtime/system/files.h"
#include "runtime/system/processes.h"

namespace msctl::cli::join {

struct ResultOptions {
  bool use = true;  // else everything is run, and kept anew
  bool explain = false;
  bool verbose = false;
  std::string progress;
};

ResultOptions result_options(const Arguments& arguments);
// These, --no-cache, --explain, --verbose, --progress.
std::vector<Flag> with_result_flags(std::vector<Flag> flags);

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
  Results(Context& context, const workspace::Workspace& workspace, ResultOptions options);
  ~Results();
  Results(const Results&) = delete;
  Results& operator=(const Results&) = delete;

  // Asks tools for their versions, and remembers what they said.
  system::Processes& versions() { return tools_; }

  // `kind`: "test", "lint".
  KeptRun run(std::string_view kind, const std::vector<Kept>& asked);

private:
  struct Task;
  base::Result<cache::Inputs> inputs(const Task& task, const cache::Tree& tree);
  std::vector<Task> tasks(std::string_view kind, const std::vector<Kept>& asked);
  void look_up(Task& task, const base::Result<cache::Tree>& tree);
  std::optional<cache::Entry> find(Task& task);
  void share(const std::string& url);
  void keep(std::vector<Task>& tasks);
  void keep(Task& task, const cache::Tree& after);
  void explain(const Task& task) const;
  std::string place(const Task& task) const;

  Context& context_;
  const workspace::Workspace& workspace_;
  ResultOptions options_;
  system::RealFiles files_;
  system::RealProcesses processes_;
  std::string folder_;  // of the cache; empty: nothing is kept
  cache::Store store_;
  cache::Tools tools_;
  std::string signing_key_;
  std::unique_ptr<http::Client> client_;
  std::unique_ptr<cache::Remote> remote_;  // null: results are not shared
  std::future<base::Result<cache::Tree>> looking_;
  bool told_ = false;  // that nothing can be written
};

}  // namespace msctl::cli::join
