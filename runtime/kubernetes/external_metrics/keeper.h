// What the adapter needs of a cluster, kept up to date: whom to believe, the gateway's own certificate, and
// the APIService that leads to it. Each gateway of a workspace does the same, and they agree by the
// resourceVersions of what they write.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/kubernetes/cluster/cluster.h"
#include "runtime/kubernetes/external_metrics/certificate.h"
#include "runtime/kubernetes/external_metrics/front_proxy.h"
#include "runtime/kubernetes/external_metrics/ownership.h"

namespace msctl::kubernetes::external_metrics {

struct Keeping {
  std::string workspace, gateway;  // names
  Cluster& own;                    // the namespace of the gateway
  Cluster& system;                 // kube-system
};

class Keeper {
public:
  Keeper(Keeping what, const base::Clock& clock) : what_(std::move(what)), clock_(clock) {}

  struct State {
    // Both are needed to serve; what was known last stays while the cluster does not answer.
    std::optional<FrontProxy> front_proxy;
    std::optional<Certificate> certificate;
    // What is wrong, each told once for as long as it is so. gatewaysSilent is none of them.
    std::vector<base::Error> news;

    bool can_serve() const { return front_proxy && certificate; }
  };
  // Looks at everything once, and puts right what is its business. Called by one thread.
  const State& look();

private:
  void look_at_front_proxy();
  // False: which one counts is not known this time.
  bool look_at_certificate();
  void look_at_api_service();
  Answer<Json> stored(const std::optional<Json>& before, const Certificate& certificate);
  void tell(base::Error error);
  std::vector<std::string> names() const;

  Keeping what_;
  const base::Clock& clock_;
  State state_;
  std::vector<std::string> told_, telling_;  // messages: of the last look, and of this one
};

}  // namespace msctl::kubernetes::external_metrics
