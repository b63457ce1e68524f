// The files of a ConfigMap, as files: each state of it in a folder of its own, which is there whole or not at
// all.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "cli/cluster/following.h"
#include "cli/context.h"
#include "runtime/kubernetes/configuration/configuration.h"
#include "runtime/system/temporary.h"

namespace msctl::cli::cluster {

class Mirror {
public:
  // Below the folder for temporary files. Errors: cannotWrite.
  static base::Result<std::unique_ptr<Mirror>> make();

  // From here on. Errors: those of the kubeconfig.
  base::Result<void> follow(Context& context, const std::string& config_map);

  // Whoever watches this folder sees a file renamed in it when there is a new state.
  const std::string& folder() const { return folder_.path(); }
  // The folder of the newest state; empty: none is known yet.
  std::string newest() const;

private:
  explicit Mirror(system::TemporaryFolder folder) : folder_(std::move(folder)) {}
  base::Result<void> take(const kubernetes::Files& files);

  system::TemporaryFolder folder_;
  mutable std::mutex mutex_;
  std::string newest_, before_;
  int states_ = 0;
  std::unique_ptr<Following> following_;  // ends first
};

}  // namespace msctl::cli::cluster
