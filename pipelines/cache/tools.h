// What the tools of a service say of their version. Asking costs milliseconds each time, so an answer is
// remembered for as long as the program is the same file.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "pipelines/cache/inputs.h"
#include "runtime/system/files.h"
#include "runtime/system/processes.h"
#include "runtime/toolchain/language.h"
#include "runtime/toolchain/requirements.h"

namespace msctl::cache {

// Runs commands as another does, but a question for a version only once.
class Tools final : public system::Processes {
public:
  // `memory`: a file, made by `save`.
  Tools(std::string memory, system::Files& files, system::Processes& processes, toolchain::FindProgram find);

  base::Result<system::Finished> run(const system::Command& command) override;

  // Of the language's tools, in its order; of a program that is not asked, the hash of its file.
  std::vector<Input> inputs(const toolchain::Language& language);
  // Of the programs that these steps begin with: for a language that names no tools.
  std::vector<Input> inputs(const std::vector<toolchain::Argv>& steps);

  // Errors are not told: then it is asked again.
  void save();

private:
  std::string digest(const std::string& program);
  // Nothing where an answer may not be remembered.
  std::string identity(const system::Command& command) const;

  std::string memory_;
  system::Files& files_;
  system::Processes& processes_;
  toolchain::FindProgram find_;
  std::map<std::string, std::string> known_;  // by identity
  bool changed_ = false;
};

}  // namespace msctl::cache
