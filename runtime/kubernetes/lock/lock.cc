#include "runtime/kubernetes/lock/lock.h"

#include <fmt/format.h>

#include <cstdlib>

namespace msctl::kubernetes {
namespace {

using std::chrono::milliseconds;

constexpr const char* holder_note = "msctl.dev/holder";
constexpr const char* standing_note = "msctl.dev/standing";

// MicroTime, as Lease wants it.
std::string micro(base::WallTime time) {
  std::string text = base::to_rfc3339(time);
  return text.insert(text.size() - 1, "000");
}

Json to_json(const Holder& holder) {
  return {{"by", holder.by},           {"command", holder.command}, {"since", holder.since},
          {"machine", holder.machine}, {"pid", holder.pid},         {"started", holder.started}};
}

Json note(const Json& lease, const char* name) {
  Json out = Json::parse(annotation(lease, name), nullptr, false);
  return out.is_object() ? out : Json::object();
}

Holder holder_of(const Json& lease) {
  const Json in = note(lease, holder_note);
  Holder out{in.value("by", ""),      in.value("command", ""), in.value("since", ""),
             in.value("machine", ""), in.value("pid", 0),      in.value("started", "")};
  if (out.by.empty()) out.by = lease["spec"].value("holderIdentity", "");
  return out;
}

Standing standing_of(const Json& lease) {
  const Json in = note(lease, standing_note);
  return {in.value("current", 0), in.value("pending", 0), in.value("last", 0)};
}

void put(Json& lease, const Standing& standing) {
  lease["metadata"]["annotations"][standing_note] =
      Json{{"current", standing.current}, {"pending", standing.pending}, {"last", standing.last}}.dump();
}

Ref lease_ref(const std::string& name) {
  return {"coordination.k8s.io/v1", "Lease", name};
}

// Of who holds it: empty where it is free.
std::string identity(const Json& lease) {
  return lease.contains("spec") ? lease["spec"].value("holderIdentity", "") : "";
}

}  // namespace

std::string lock_name(const std::string& workspace) {
  return "msctl-" + workspace;
}

Lock::Lock(Cluster& cluster, const base::Clock& clock, LockOptions options)
    : cluster_(cluster), clock_(clock), options_(std::move(options)) {}

// True: it is ours. False: not yet.
base::Result<bool> Lock::attempt() {
  const base::Instant now = clock_.now();
  auto found = cluster_.get(lease_ref(options_.name));
  if (!found && found.error().kind != Refusal::Kind::not_found) return std::unexpected(found.error().error);

  Json lease = found ? *found
                     : Json{{"apiVersion", "coordination.k8s.io/v1"},
                            {"kind", "Lease"},
                            {"metadata",
                             {{"name", options_.name},
                              {"namespace", cluster_.space()},
                              {"labels", {{names::managed_by, "msctl"}}}}},
                            {"spec", Json::object()}};
  bool take_over = false;
  if (!identity(lease).empty()) {
    const Holder other = holder_of(lease);
    const std::string looks = identity(lease) + lease["spec"].value("renewTime", "");
    if (looks != seen_) {
      seen_ = looks;
      seen_since_ = now;
    }
    const base::Duration lasts = std::chrono::seconds(lease["spec"].value("leaseDurationSeconds", 15));
    take_over = is_gone(other) || now - seen_since_ >= lasts;
    if (!take_over) {
      if (options_.waiting && told_ != other.text()) options_.waiting(other);
      told_ = other.text();
      return false;
    }
  }
  const int transitions = lease["spec"].value("leaseTransitions", 0) + (take_over ? 1 : 0);
  lease["spec"] = {
      {"holderIdentity",
       fmt::format("{}/{}/{}", options_.holder.by, options_.holder.pid, options_.holder.started)},
      {"leaseDurationSeconds", std::chrono::duration_cast<std::chrono::seconds>(options_.duration).count()},
      {"acquireTime", micro(clock_.wall())},
      {"renewTime", micro(clock_.wall())},
      {"leaseTransitions", transitions}};
  lease["metadata"]["annotations"][holder_note] = to_json(options_.holder).dump();
  auto written = found ? cluster_.replace(lease) : cluster_.create(lease);
  if (!written) {
    const auto kind = written.error().kind;
    if (kind == Refusal::Kind::conflict || kind == Refusal::Kind::exists || kind == Refusal::Kind::not_found)
      return false;
    return std::unexpected(written.error().error);
  }
  lease_ = *std::move(written);
  renewed_ = now;
  epoch_ = transitions;
  taken_over_ = take_over;
  return true;
}

base::Result<std::unique_ptr<Lock>> Lock::acquire(Cluster& cluster, const base::Clock& clock,
                                                  LockOptions options) {
  std::unique_ptr<Lock> lock(new Lock(cluster, clock, std::move(options)));
  const LockOptions& wanted = lock->options_;
  const base::Instant end = clock.now() + wanted.patience;
  for (base::Duration pause = milliseconds(50);;
       pause = std::min<base::Duration>(pause * 2, milliseconds(500))) {
    auto taken = lock->attempt();
    if (!taken) return std::unexpected(taken.error());
    if (*taken) break;
    if (wanted.interrupted && wanted.interrupted())
      return base::fail(base::Code::interrupted, "interrupted while waiting for the lock");
    if (clock.now() >= end)
      return base::fail(base::Code::deployLocked,
                        fmt::format("the lock of this environment is held by {}", lock->told_),
                        "wait, or give --lock-timeout more time");
    wanted.sleep(pause);
  }
  lock->renewer_ = std::thread([raw = lock.get()] { raw->keep_alive(); });
  return lock;
}

Lock::~Lock() {
  {
    std::lock_guard guard(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  if (!renewer_.joinable()) return;
  renewer_.join();
  (void)update([](Json& lease) {
    lease["spec"].erase("holderIdentity");
    lease["metadata"]["annotations"].erase(holder_note);
  });
}

void Lock::keep_alive() {
  std::unique_lock guard(mutex_);
  while (!ending_ && !lost_) {
    wake_.wait_for(guard, options_.renewal, [this] { return ending_; });
    if (ending_) return;
    guard.unlock();
    (void)update([](Json&) {});
    guard.lock();
  }
}

base::Result<void> Lock::check() const {
  std::lock_guard guard(mutex_);
  if (!lost_ && clock_.now() - renewed_ < options_.duration * 2 / 3) return {};
  return base::fail(base::Code::lockLost, "the lock of this environment was not renewed in time",
                    "msctl history -e ENV tells what others did; then deploy again");
}

Standing Lock::standing() const {
  std::lock_guard guard(mutex_);
  return standing_of(lease_);
}

base::Result<void> Lock::set(const Standing& standing) {
  if (auto ours = check(); !ours) return ours;
  return update([&](Json& lease) { put(lease, standing); });
}

// A lease that has changed under us is somebody else's, unless an answer to our own last write was lost: then
// it still names us.
base::Result<void> Lock::update(const std::function<void(Json&)>& change) {
  std::lock_guard guard(mutex_);
  if (lost_) return base::fail(base::Code::lockLost, "the lock of this environment was taken over");
  constexpr int attempts = 3;
  for (int i = 0;; ++i) {
    const base::Instant now = clock_.now();
    Json next = lease_;
    next["spec"]["renewTime"] = micro(clock_.wall());
    change(next);
    auto written = cluster_.replace(next);
    if (written) {
      lease_ = *std::move(written);
      renewed_ = now;
      return {};
    }
    if (written.error().kind != Refusal::Kind::conflict || i + 1 == attempts)
      return std::unexpected(written.error().error);
    auto now_there = cluster_.get(lease_ref(options_.name));
    if (!now_there) return std::unexpected(now_there.error().error);
    if (identity(*now_there) != identity(lease_) ||
        (*now_there)["spec"].value("leaseTransitions", 0) != epoch_) {
      lost_ = true;
      return base::fail(
          base::Code::lockLost,
          fmt::format("the lock of this environment was taken over by {}",
                      identity(*now_there).empty() ? "another command" : holder_of(*now_there).text()));
    }
    lease_ = *std::move(now_there);
  }
}

Answer<LockView> look_at_lock(Cluster& cluster, const std::string& name) {
  auto lease = cluster.get(lease_ref(name));
  if (!lease) {
    if (lease.error().kind == Refusal::Kind::not_found) return LockView{};
    return std::unexpected(lease.error());
  }
  LockView out{{}, standing_of(*lease)};
  if (!identity(*lease).empty()) out.holder = holder_of(*lease);
  return out;
}

}  // namespace msctl::kubernetes
