#include "runtime/kubernetes/deploy/jobs.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace msctl::kubernetes::deploy {
namespace {

// The cluster counts a Job's time itself, from when it takes it up; that and the end of its Pods take a
// while.
constexpr base::Duration slack = std::chrono::minutes(1);

bool has_condition(const Json& job, std::string_view type) {
  const Json::json_pointer where("/status/conditions");
  return job.contains(where) && std::ranges::any_of(job.at(where), [&](const Json& each) {
           return each.value("type", "") == type && each.value("status", "") == "True";
         });
}

bool is_going(const Json& object) {
  return object["metadata"].contains("deletionTimestamp");
}

// "migrate".
std::string name_of(const Json& job) {
  const std::string name = annotation(job, names::job);
  return name.empty() ? ref_of(job).name : name;
}

bool runs_after(const Json& job) {
  return annotation(job, names::when) == "after";
}

base::Duration limit_of(const Json& job) {
  const Json::json_pointer where("/spec/activeDeadlineSeconds");
  const std::int64_t seconds = job.contains(where) ? job.at(where).get<std::int64_t>() : 0;
  return std::chrono::seconds(seconds) + slack;
}

// What the Pods of a Job refer to.
bool is_needed_first(const Ref& ref) {
  return ref.kind == "ServiceAccount" || ref.kind == "ConfigMap" || ref.kind == "Secret" ||
         ref.kind == "NetworkPolicy";
}

std::unexpected<base::Error> still_runs(const Json& job, std::string_view why) {
  const std::string name = ref_of(job).name;
  return base::fail(base::Code::jobStillRuns, fmt::format("the job {} of an earlier deploy {}", name, why),
                    fmt::format("wait until it has ended, or end it: kubectl delete job {}", name));
}

}  // namespace

Ended ended(const Json& job) {
  if (has_condition(job, "Complete")) return Ended::well;
  return has_condition(job, "Failed") ? Ended::badly : Ended::not_yet;
}

bool is_job(const Ref& ref) {
  return ref.kind == "Job";
}

std::vector<Wanted> without_past_jobs(std::vector<Wanted> wanted, const ByRef& running, const ByRef& live,
                                      bool goes_back) {
  std::erase_if(wanted, [&](const Wanted& each) {
    const Ref ref = ref_of(each.object);
    return is_job(ref) && !live.contains(ref) && (goes_back || running.contains(ref));
  });
  return wanted;
}

void settle_jobs(Plan& plan, bool goes_back) {
  auto is_wanted = [](const Step& step) { return is_job(step.ref) && step.action != Action::remove; };
  if (goes_back) {
    std::erase_if(plan.steps, is_wanted);
    return;
  }
  for (Step& step : plan.steps) {
    if (!is_wanted(step) || step.live.is_null()) continue;
    if (ended(step.live) != Ended::badly && !is_going(step.live)) continue;
    step.action = Action::update;
    step.means = meaning_of_job(step.action, step.live, step.object);
  }
}

void keep_failed_jobs(Plan& plan) {
  std::erase_if(plan.steps, [](const Step& step) {
    return is_job(step.ref) && step.action == Action::remove && ended(step.live) == Ended::badly;
  });
}

Plan jobs_before_canary(const Plan& plan, const std::vector<std::string>& parts) {
  Plan out;
  bool any = false;
  for (const Step& step : plan.steps) {
    if (step.action == Action::remove || std::ranges::find(parts, step.part) == parts.end()) continue;
    const bool job = is_job(step.ref);
    const bool is_theirs = !label(step.object, names::job_of).empty();
    const bool is_new = is_needed_first(step.ref) && step.action == Action::create;
    if ((job && runs_after(step.object)) || (!is_theirs && !is_new)) continue;
    any = any || job;
    out.steps.push_back(step);
  }
  return any ? out : Plan{};
}

std::vector<std::string> meaning_of_job(Action action, const Json& before, const Json& after) {
  if (action == Action::remove)
    return {fmt::format("{} of an earlier release; its Pods and their logs go with it", name_of(before))};
  const bool again = action == Action::update && (ended(before) == Ended::badly || is_going(before));
  if (action == Action::update && !again) return {};
  return {fmt::format("runs {} {}{}", name_of(after),
                      runs_after(after) ? "after all replicas are ready" : "before the new replicas start",
                      again ? ", again: it has failed" : "")};
}

Stages stages_of(const std::vector<const Step*>& steps) {
  Stages out;
  for (const Step* step : steps) {
    if (is_job(step->ref))
      (runs_after(step->object) ? out.after : out.before).push_back(step);
    else
      (is_needed_first(step->ref) ? out.first : out.then).push_back(step);
  }
  if (!out.before.empty()) return out;
  // Nothing to wait for: in the order in which they stand.
  out.first.clear();
  out.then.clear();
  std::ranges::copy_if(steps, std::back_inserter(out.first),
                       [](const Step* step) { return !is_job(step->ref); });
  return out;
}

base::Errors JobRunner::run(const std::vector<std::vector<const Step*>>& of_parts) {
  for (std::size_t i = 0;; ++i) {
    std::set<std::string> started;
    base::Duration limit{};
    for (const std::vector<const Step*>& jobs : of_parts) {
      if (i >= jobs.size()) continue;
      const Step& step = *jobs[i];
      if (!step.live.is_null() && ended(step.live) == Ended::well && !is_going(step.live)) {
        // What somebody has changed of it is put right; it does not run for that.
        if (step.action == Action::unchanged) continue;
        if (auto applied = writer_.apply(step.object); !applied) return {applied.error()};
        continue;
      }
      if (auto made = start(step); !made) return {made.error()};
      started.insert(step.ref.name);
      limit = std::max(limit, limit_of(step.object));
    }
    if (!started.empty())
      if (base::Errors problems = rollout_.wait_for_jobs(std::move(started), limit); !problems.empty())
        return problems;
    if (std::ranges::all_of(of_parts, [&](const auto& jobs) { return i + 1 >= jobs.size(); })) return {};
  }
}

base::Result<void> JobRunner::start(const Step& step) {
  if (auto free = make_room(step); !free) return free;
  if (step.action == Action::unchanged) {
    say_(step.part, fmt::format("{} runs already", name_of(step.object)));
    return {};
  }
  if (auto applied = writer_.apply(step.object); !applied) return std::unexpected(applied.error());
  say_(step.part, fmt::format("runs {}", name_of(step.object)));
  return {};
}

// Two migrations at the same time are what nobody has thought of: what a killed deploy has left is let end.
base::Result<void> JobRunner::make_room(const Step& step) {
  for (const Step& other : plan_.steps)
    if (is_job(other.ref) && other.action == Action::remove && other.part == step.part &&
        name_of(other.live) == name_of(step.object) && ended(other.live) == Ended::not_yet) {
      say_(step.part, fmt::format("waits for {} of an earlier deploy", other.ref.name));
      if (auto over = let_end(other.live); !over) return over;
    }
  if (step.live.is_null() || (ended(step.live) != Ended::badly && !is_going(step.live))) return {};
  if (!is_going(step.live))
    if (auto removed = writer_.remove(step.live); !removed) return removed;
  auto gone = rollout_.until(step.ref, [](const Json&) { return false; }, slack);
  if (!gone) return std::unexpected(gone.error());
  return *gone ? base::Result<void>{} : still_runs(step.live, "is being removed, and still there");
}

base::Result<void> JobRunner::let_end(const Json& job) {
  auto over = rollout_.until(
      ref_of(job), [](const Json& there) { return ended(there) != Ended::not_yet; }, limit_of(job));
  if (!over) return std::unexpected(over.error());
  return *over ? base::Result<void>{} : still_runs(job, "still runs");
}

}  // namespace msctl::kubernetes::deploy
