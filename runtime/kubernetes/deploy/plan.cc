#include "runtime/kubernetes/deploy/plan.h"

#include <algorithm>
#include <array>
#include <set>

#include "runtime/kubernetes/deploy/meaning.h"

namespace msctl::kubernetes::deploy {
namespace {

constexpr std::array<std::string_view, 4> actions{"create", "update", "unchanged", "remove"};

const Json* find(const ByRef& all, const Ref& ref) {
  const auto found = all.find(ref);
  return found == all.end() ? nullptr : &found->second;
}

Step step_of(const Wanted& wanted, const ByRef& last, const ByRef& live, const ByRef& dry_run) {
  Step step{wanted.part, ref_of(wanted.object), Action::unchanged, wanted.object, {}, {}, {}};
  if (is_settled(wanted.object, last, live)) return step;
  const Json* there = find(live, step.ref);
  if (there != nullptr) step.live = *there;
  const Json* then = find(dry_run, step.ref);
  const Json& after = then != nullptr ? *then : wanted.object;
  if (there == nullptr) {
    step.action = Action::create;
  } else {
    step.changes = differences(without_bookkeeping(*there), without_bookkeeping(after));
    if (step.changes.empty()) return step;
    step.action = Action::update;
  }
  step.means = meaning(step.action, step.live, after);
  return step;
}

bool is_replicas(const Change& change) {
  return to_text(change.path) == "spec.replicas";
}

void add_drift(const Json& stated, const Json& there, const Json* wanted, std::vector<Drift>& out) {
  // Most are as they were stated, which is seen without a copy of them.
  if (deviations(stated, there).empty()) return;
  for (Change& change : deviations(without_bookkeeping(stated), without_bookkeeping(there))) {
    Drift drift{ref_of(stated), std::move(change), {}, false};
    if (auto all = owners(there, drift.change.path); !all.empty()) drift.owner = std::move(all.front());
    // The server's own way of writing the same quantity has no owner but us.
    if (drift.owner && drift.owner->manager == names::manager && drift.owner->operation == "Apply" &&
        !drift.change.removed())
      continue;
    drift.kept = wanted != nullptr && is_replicas(drift.change) && !(*wanted)["spec"].contains("replicas");
    out.push_back(std::move(drift));
  }
}

}  // namespace

std::string_view to_string(Action action) {
  return actions[static_cast<std::size_t>(action)];
}

bool Plan::has_changes() const {
  return std::ranges::any_of(steps, [](const Step& step) { return step.action != Action::unchanged; });
}

std::size_t Plan::count(Action action) const {
  return static_cast<std::size_t>(std::ranges::count(steps, action, &Step::action));
}

std::vector<Wanted> wanted_of(const release::Release& release) {
  std::vector<Wanted> out;
  for (const auto& wave : release::waves(release.parts))
    for (const release::Part* part : wave)
      for (const Json& object : part->objects) out.push_back({part->name, object});
  return out;
}

ByRef objects_of(const release::Release& release) {
  ByRef out;
  for (const release::Part& part : release.parts)
    for (const Json& object : part.objects) out[ref_of(object)] = object;
  return out;
}

bool is_settled(const Json& wanted, const ByRef& last, const ByRef& live) {
  const Ref ref = ref_of(wanted);
  const Json* stated = find(last, ref);
  const Json* there = find(live, ref);
  return stated != nullptr && there != nullptr && *stated == wanted &&
         !(*there)["metadata"].contains("deletionTimestamp") && deviations(wanted, *there).empty();
}

Plan plan(const std::vector<Wanted>& wanted, const ByRef& last, const ByRef& live, const ByRef& dry_run) {
  Plan out;
  std::map<Ref, const Json*> names;
  for (const Wanted& each : wanted) {
    names[ref_of(each.object)] = &each.object;
    out.steps.push_back(step_of(each, last, live, dry_run));
  }
  for (const auto& [ref, stated] : last) {
    const Json* there = find(live, ref);
    const auto now = names.find(ref);
    if (there != nullptr) add_drift(stated, *there, now == names.end() ? nullptr : now->second, out.drift);
  }
  for (const auto& [ref, there] : live) {
    if (names.contains(ref)) continue;
    Step step{label(there, names::name), ref, Action::remove, {}, there, {}, {}};
    step.means = meaning(Action::remove, there, {});
    out.steps.push_back(std::move(step));
  }
  return out;
}

}  // namespace msctl::kubernetes::deploy
