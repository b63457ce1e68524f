// Releases in the cluster: what `history`, `diff` and `rollback` read, from any machine.
//
//   ConfigMap msctl-WORKSPACE-release-7     who, when, what, how it ended (data.release: JSON)
//   ConfigMap msctl-WORKSPACE-release-7-1…  its objects (binaryData.content: JSON, gzip, cut into pieces)
//
// A ConfigMap holds at most 1 MiB. The pieces are written first and never changed; the head, which names how
// many there are and the digest of the whole, is written when they are all there, and again when the release
// has ended.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "runtime/kubernetes/cluster/cluster.h"
#include "runtime/release/release.h"

namespace msctl::kubernetes {

class Records {
public:
  Records(Cluster& cluster, std::string workspace) : cluster_(cluster), workspace_(std::move(workspace)) {}

  // All that are kept, the latest first; without their objects.
  base::Result<std::vector<release::Release>> list();
  // One with its objects. Errors: noRelease, badRecord.
  base::Result<release::Release> load(int id);
  base::Result<void> add(const release::Release& release);
  // How it ended, when, and its time line.
  base::Result<void> finish(const release::Release& release);
  // Told the Secrets that only records name which are about to go: nobody goes back to them any more. It
  // comes before they go, so that what a killed command has not removed is still named by a record, and found
  // again.
  using LetGo = std::function<base::Result<void>(const std::vector<std::string>& secrets)>;
  // Keeps the latest `most`, and those in `needed`. What no head leads to is removed, too. Errors: the
  // cluster's, and those of `let_go`, after which no record is removed.
  base::Result<void> trim(std::size_t most, const std::vector<int>& needed, const LetGo& let_go = {});

private:
  std::string name(int id) const;
  Json config_map(const std::string& name, int id, const char* what) const;
  base::Result<std::string> content(int id, const Json& head);

  Cluster& cluster_;
  std::string workspace_;
};

}  // namespace msctl::kubernetes
