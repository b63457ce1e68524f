// The process's signals, as cli/context.h describes them.
#pragma once

#include "cli/context.h"

namespace msctl::cli::app {

// One a process: signal handlers are global. Handlers, unlike ignored signals, are not inherited by what a
// command starts; so SIGPIPE has an empty one, and a write to a closed pipe is an error of the write.
class ProcessSignals final : public Signals {
public:
  ProcessSignals();
  void watch(const std::vector<int>& signals) override;
  int descriptor() const override;
  std::optional<int> take() override;
  bool interrupted() const override;
};

}  // namespace msctl::cli::app
