#include "runtime/kubernetes/deploy/seen.h"

#include "runtime/kubernetes/deploy/inventory.h"

namespace msctl::kubernetes::deploy {

std::vector<Watched> Seen::watched(const std::string& workspace) {
  std::vector<Watched> out;
  for (const Ref& kind :
       {Ref{"apps/v1", "Deployment", {}}, Ref{"apps/v1", "ReplicaSet", {}}, Ref{"v1", "Pod", {}},
        Ref{"batch/v1", "Job", {}}, Ref{"autoscaling/v2", "HorizontalPodAutoscaler", {}}})
    out.push_back({kind, selector_of(workspace), {}, true});
  // Of what goes well nobody asks, but for why a container was ended.
  for (const char* which : {"type!=Normal", "reason=Killing"})
    out.push_back({{"v1", "Event", {}}, {}, which, true});
  return out;
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
