#include "runtime/kubernetes/deploy/seen.h"

#include "runtime/kubernetes/deploy/inventory.h"

namespace msctl::kubernetes::deploy {

std::vector<Watched> Seen::watched(const std::string& workspace) {
  const std::string ours = selector_of(workspace);
  return {{{"apps/v1", "Deployment", {}}, ours},
          {{"apps/v1", "ReplicaSet", {}}, ours},
          {{"v1", "Pod", {}}, ours},
          {{"batch/v1", "Job", {}}, ours},
          {{"autoscaling/v2", "HorizontalPodAutoscaler", {}}, ours},
          {{"v1", "Event", {}}, {}}};
}

void Seen::take(const WatchEvent& event) {
  if (event.kind == WatchEvent::Kind::synced) {
    synced_ = true;
    return;
  }
  auto& of_kind = objects_[event.object.value("kind", "")];
  if (event.kind == WatchEvent::Kind::removed)
    of_kind.erase(uid_of(event.object));
  else
    of_kind[uid_of(event.object)] = event.object;
}

judge::Lists Seen::lists() const {
  auto all = [this](const char* kind) {
    judge::Objects out;
    if (const auto found = objects_.find(kind); found != objects_.end())
      for (const auto& [uid, object] : found->second) out.push_back(&object);
    return out;
  };
  return {all("Deployment"),
          all("Job"),
          all("HorizontalPodAutoscaler"),
          all("ReplicaSet"),
          all("Pod"),
          all("Event"),
          {},
          {}};
}

}  // namespace msctl::kubernetes::deploy
