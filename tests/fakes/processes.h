// Answers commands from a script, and remembers what was asked.
#pragma once

#include <functional>
#include <vector>

#include "runtime/system/processes.h"

namespace msctl::fakes {

class FakeProcesses final : public system::Processes {
public:
  std::vector<system::Command> asked;
  std::function<base::Result<system::Finished>(const system::Command&)> answer = [](const system::Command&) {
    return system::Finished{};
  };

  base::Result<system::Finished> run(const system::Command& command) override {
    asked.push_back(command);
    return answer(command);
  }
};

}  // namespace msctl::fakes
