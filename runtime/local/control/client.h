// A local run as an Orchestrator: asks the run over its control socket, and reads its logs from their files.
#pragma once

#include <memory>
#include <string>

#include "runtime/local/state/paths.h"
#include "runtime/release/orchestrator.h"

namespace msctl::local {

class LocalClient final : public release::Orchestrator {
public:
  // `run`: the id of an isolated run; empty: the main one, or the only one there is.
  LocalClient(std::string root, std::string run) : root_(std::move(root)), run_(std::move(run)) {}

  // Without a run: a status that says so.
  base::Result<release::Status> status() override;
  base::Result<void> watch(const std::function<bool(const release::Status&)>& seen,
                           const std::function<bool()>& idle) override;
  base::Result<void> logs(const release::LogQuery& query,
                          const std::function<bool(const release::LogLine&)>& line) override;
  base::Result<void> scale(const std::map<std::string, int>& replicas) override;
  base::Result<void> restart(const std::vector<std::string>& services) override;
  // Without a run: done already.
  base::Result<void> stop(const std::vector<std::string>& services) override;
  base::Result<void> wait(const std::vector<std::string>& services, release::WaitFor what,
                          base::Duration timeout) override;

private:
  base::Result<std::string> ask(const std::string& method, const std::string& path, const std::string& body,
                                base::Duration timeout);
  base::Result<RunState> state();

  std::string root_;
  std::string run_;
};

// An error as it travels over the control socket, and back.
std::string error_to_json(const base::Error& error);
base::Error error_from_json(const std::string& text);

}  // namespace msctl::local
