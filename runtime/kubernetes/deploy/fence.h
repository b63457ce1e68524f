// What keeps a holder of the lock that was taken over, and does not know it yet, from changing anything.
//
// Checking a lock before each request is not enough: a process can be stopped, or a request be on its way,
// between the check and the moment when it takes effect (Kleppmann, "How to do distributed locking", 2016).
// The objects themselves have to refuse. Each apply states the annotation msctl.dev/epoch with the epoch of
// its lock. Whoever takes a lock over first applies the new epoch to every object under a field manager of
// its own, `msctl-fence`. From then on an apply with an old epoch is in conflict with that manager, and the
// server refuses all of it, since nothing here is forced without the resourceVersion that was read under the
// lock.
//
// What does not exist cannot refuse: an object that such a holder still makes is found by the next command,
// which lists everything by its labels, and removed. An object that is made in an epoch behind the first is
// fenced right behind its making, against the resourceVersion that it was made with.
#pragma once

#include "runtime/kubernetes/cluster/cluster.h"
#include "runtime/kubernetes/lock/lock.h"

namespace msctl::kubernetes::deploy {

class Writer {
public:
  Writer(Cluster& cluster, const Lock& lock) : cluster_(cluster), lock_(lock) {}

  // Takes fields from other managers. Errors: lockLost, and the cluster's.
  base::Result<Json> apply(const Json& object);
  // Some fields of what is there, stated by another manager: what a person sets by a command of its own, and
  // the next deploy may set again. Errors: as above.
  base::Result<Json> apply_as(const std::string& manager, const Json& live, const Json& fields);
  // Only if it is as it was read, but for what controllers write into its status. Gone is removed. Errors: as
  // above.
  base::Result<void> remove(const Json& live);
  // After a take-over, each object that is there. What it is afterwards; null: it is gone.
  base::Result<Json> fence(const Json& live);
  // Leaves `replicas` as they are to whoever scales from now on: what one manager states and then does not is
  // set back to its default by the server.
  // https://kubernetes.io/docs/reference/using-api/server-side-apply/#transferring-ownership
  base::Result<void> hand_over_replicas(const Json& live);

private:
  bool is_fenced(const Json& live) const;
  Answer<Json> mark(const Json& live);
  Json with_epoch(Json object) const;
  base::Result<void> refuse_if_newer(const Json& live) const;
  // What is there now; null: nothing. Errors: lockLost where a newer epoch stands in it, and the cluster's.
  base::Result<Json> look_again(const Json& seen) const;

  Cluster& cluster_;
  const Lock& lock_;
};

}  // namespace msctl::kubernetes::deploy
