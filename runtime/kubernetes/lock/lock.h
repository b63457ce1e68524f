// One deploy at a time: a Lease (coordination.k8s.io/v1) in the environment's namespace, which also keeps
// where the environment stands, so that a change of that is a compare-and-set against the lock itself.
//
// A holder renews the lease, and sends nothing from two thirds of its duration after the last renewal on. One
// that is not renewed for its whole duration is taken over - measured by the clock of who takes over, from
// when it first saw the lease in that state, as Kubernetes' own leader election does, since clocks of
// machines differ. A holder that was a process of this machine and is gone is taken over at once.
//
// Each take-over begins an epoch (spec.leaseTransitions). What a paused holder still sends is refused by the
// objects: see deploy/fence.h.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "runtime/base/clock.h"
#include "runtime/kubernetes/cluster/cluster.h"

namespace msctl::kubernetes {

// Who holds, or held, the lock.
struct Holder {
  std::string by;       // "ada@laptop"
  std::string command;  // "deploy orders"
  std::string since;    // RFC 3339
  // The process, for those on the same machine.
  std::string machine;  // boot and pid namespace
  int pid = 0;
  std::string started;  // in the kernel's ticks since boot

  std::string text() const;  // "ada@laptop (deploy orders, since …)"
};

// This process, doing `command`.
Holder this_holder(const std::string& command, base::WallTime now);
// Whether it ran on this machine and does not run any more.
bool is_gone(const Holder& holder);

// Where the environment stands. Numbers of releases; 0: none.
struct Standing {
  int current = 0;  // what runs, as a whole
  int pending = 0;  // what a deploy is, or was, putting in its place
  int last = 0;     // the highest number ever given
};

struct LockOptions {
  std::string name;  // of the Lease
  Holder holder;
  base::Duration patience = std::chrono::minutes(5);  // to wait for another holder
  base::Duration duration = std::chrono::seconds(15);
  base::Duration renewal = std::chrono::seconds(4);
  std::function<void(const Holder&)> waiting;  // told once for each holder that is waited for
  std::function<bool()> interrupted;
  std::function<void(base::Duration)> sleep;
};

class Lock {
public:
  // Errors: deployLocked, interrupted, and the cluster's.
  static base::Result<std::unique_ptr<Lock>> acquire(Cluster& cluster, const base::Clock& clock,
                                                     LockOptions options);
  // Gives it back, as well as it can.
  ~Lock();
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

  // Before anything is sent. Errors: lockLost.
  base::Result<void> check() const;
  int epoch() const { return epoch_; }
  // The holder before was not seen to end.
  bool was_taken_over() const { return taken_over_; }

  Standing standing() const;
  // Errors: lockLost, and the cluster's.
  base::Result<void> set(const Standing& standing);

private:
  Lock(Cluster& cluster, const base::Clock& clock, LockOptions options);
  base::Result<bool> attempt();
  base::Result<void> update(const std::function<void(Json&)>& change);
  void keep_alive();

  Cluster& cluster_;
  const base::Clock& clock_;
  LockOptions options_;
  int epoch_ = 0;
  bool taken_over_ = false;

  // What was last seen of another holder's lease, and since when it looks like that.
  std::string seen_;
  base::Instant seen_since_{};
  std::string told_;

  mutable std::mutex mutex_;
  Json lease_;
  base::Instant renewed_{};
  bool lost_ = false, ending_ = false;
  std::condition_variable wake_;
  std::thread renewer_;
};

// Without taking the lock: who holds it, and where the environment stands.
struct LockView {
  std::optional<Holder> holder;
  Standing standing;
};
Answer<LockView> look_at_lock(Cluster& cluster, const std::string& name);

std::string lock_name(const std::string& workspace);

}  // namespace msctl::kubernetes
