#include "runtime/kubernetes/deploy/fence.h"

#include <fmt/format.h>

#include <charconv>

#include "runtime/kubernetes/objects/owners.h"

namespace msctl::kubernetes::deploy {
namespace {

constexpr int attempts = 5;

int epoch_of(const Json& object) {
  const std::string text = annotation(object, names::epoch);
  int epoch = 0;
  std::from_chars(text.data(), text.data() + text.size(), epoch);
  return epoch;
}

Json identity_of(const Json& object) {
  return {{"apiVersion", object["apiVersion"]},
          {"kind", object["kind"]},
          {"metadata",
           {{"name", object["metadata"]["name"]}, {"namespace", object["metadata"].value("namespace", "")}}}};
}

}  // namespace

Json Writer::with_epoch(Json object) const {
  object["metadata"]["annotations"][names::epoch] = std::to_string(lock_.epoch());
  return object;
}

base::Result<void> Writer::refuse_if_newer(const Json& live) const {
  if (epoch_of(live) <= lock_.epoch()) return {};
  return base::fail(
      base::Code::lockLost,
      fmt::format("{} was changed by a command that has taken the lock over", ref_of(live).text()),
      "msctl history -e ENV tells what it did; then deploy again");
}

base::Result<Json> Writer::look_again(const Json& seen) const {
  auto live = cluster_.get(ref_of(seen));
  if (!live) {
    if (live.error().kind == Refusal::Kind::not_found) return Json{};
    return std::unexpected(live.error().error);
  }
  if (auto older = refuse_if_newer(*live); !older) return std::unexpected(older.error());
  return *std::move(live);
}

// First as if nobody else stated anything of it; then, where others do or it has just been changed, against
// what is there.
base::Result<Json> Writer::apply(const Json& object) {
  Json next = with_epoch(object);
  ApplyOptions options;
  for (int i = 0;; ++i) {
    if (auto ours = lock_.check(); !ours) return std::unexpected(ours.error());
    auto done = cluster_.apply(next, options);
    if (!done && (done.error().kind != Refusal::Kind::conflict || i + 1 == attempts))
      return std::unexpected(done.error().error);
    if (done) {
      if (lock_.epoch() == 0 || is_fenced(*done)) return *std::move(done);
      auto fenced = mark(*done);
      if (fenced) return *std::move(fenced);
      if (fenced.error().kind == Refusal::Kind::other || i + 1 == attempts)
        return std::unexpected(fenced.error().error);
    }
    auto live = look_again(object);
    if (!live) return live;
    next["metadata"].erase("resourceVersion");
    options.force = !live->is_null();
    if (options.force) next["metadata"]["resourceVersion"] = version_of(*live);
  }
}

bool Writer::is_fenced(const Json& live) const {
  const Path path{{"metadata", {}, {}}, {"annotations", {}, {}}, {names::epoch, {}, {}}};
  return epoch_of(live) == lock_.epoch() && owns(live, path, names::fence_manager);
}

// Only in the state in which it was read.
Answer<Json> Writer::mark(const Json& live) {
  Json mark = with_epoch(identity_of(live));
  mark["metadata"]["resourceVersion"] = version_of(live);
  ApplyOptions options;
  options.manager = names::fence_manager;
  options.force = true;
  return cluster_.apply(mark, options);
}

base::Result<void> Writer::remove(const Json& live) {
  Json now = live;
  for (int i = 0;; ++i) {
    if (auto ours = lock_.check(); !ours) return ours;
    auto done = cluster_.remove(ref_of(now), uid_of(now), version_of(now));
    if (done || done.error().kind == Refusal::Kind::not_found) return {};
    if (done.error().kind != Refusal::Kind::conflict || i + 1 == attempts)
      return std::unexpected(done.error().error);
    auto again = look_again(now);
    if (!again) return std::unexpected(again.error());
    if (again->is_null() || uid_of(*again) != uid_of(live)) return {};
    now = *std::move(again);
  }
}

base::Result<Json> Writer::fence(const Json& live) {
  Json now = live;
  for (int i = 0;; ++i) {
    if (auto ours = lock_.check(); !ours) return std::unexpected(ours.error());
    auto done = mark(now);
    if (done) return *std::move(done);
    if (done.error().kind == Refusal::Kind::not_found) return Json{};
    if (done.error().kind != Refusal::Kind::conflict || i + 1 == attempts)
      return std::unexpected(done.error().error);
    auto again = look_again(now);
    if (!again || again->is_null()) return again;
    now = *std::move(again);
  }
}

base::Result<Json> Writer::apply_as(const std::string& manager, const Json& live, const Json& fields) {
  Json now = live;
  ApplyOptions options;
  options.manager = manager;
  options.force = true;
  for (int i = 0;; ++i) {
    if (auto older = refuse_if_newer(now); !older) return std::unexpected(older.error());
    if (auto ours = lock_.check(); !ours) return std::unexpected(ours.error());
    Json next = identity_of(now);
    next.merge_patch(fields);
    next["metadata"]["resourceVersion"] = version_of(now);
    auto done = cluster_.apply(next, options);
    if (done) return *std::move(done);
    if (done.error().kind != Refusal::Kind::conflict || i + 1 == attempts)
      return std::unexpected(done.error().error);
    auto again = cluster_.get(ref_of(now));
    if (!again) return std::unexpected(again.error().error);
    now = *std::move(again);
  }
}

base::Result<void> Writer::hand_over_replicas(const Json& live) {
  auto done = apply_as("msctl-autoscaled", live, {{"spec", {{"replicas", live["spec"]["replicas"]}}}});
  if (!done) return std::unexpected(done.error());
  return {};
}

}  // namespace msctl::kubernetes::deploy
