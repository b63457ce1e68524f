// The objects of a workspace as a watch tells them, kept up to date, and as the judge wants them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/kubernetes/cluster/cluster.h"
#include "runtime/kubernetes/judge/judge.h"

namespace msctl::kubernetes::deploy {

class Seen {
public:
  // What to watch: of the workspace by its labels, events all of them, since they have none.
  static std::vector<Watched> watched(const std::string& workspace);

  void take(const WatchEvent& event);
  // True once per kind has been told as a whole.
  bool whole() const { return synced_; }
  judge::Lists lists() const;

private:
  std::map<std::string, std::map<std::string, Json>> objects_;  // by kind, by uid
  bool synced_ = false;
};

}  // namespace msctl::kubernetes::deploy
