// What goes on asking a cluster for as long as it lives, from a thread of its own, as the service account of
// the Pod that this runs in. A cluster that does not answer is asked again; what was known last counts
// meanwhile.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>

#include "cli/context.h"
#include "runtime/base/error.h"
#include "runtime/kubernetes/cluster/cluster.h"

namespace msctl::cli::cluster {

class Following {
public:
  // Until `go_on` says no, or with an error.
  using Work =
      std::function<kubernetes::Answer<void>(kubernetes::Cluster&, const std::function<bool()>& go_on)>;

  // Errors: those of the kubeconfig.
  static base::Result<std::unique_ptr<Following>> start(Context& context, Work work);
  ~Following();
  Following(const Following&) = delete;
  Following& operator=(const Following&) = delete;

private:
  Following(Context& context, std::unique_ptr<kubernetes::Cluster> cluster, Work work);
  void follow();

  Context& context_;
  std::unique_ptr<kubernetes::Cluster> cluster_;
  Work work_;
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

}  // namespace msctl::cli::cluster
