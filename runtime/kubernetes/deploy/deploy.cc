#include "runtime/kubernetes/deploy/deploy.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "runtime/kubernetes/deploy/carrying.h"
#include "runtime/kubernetes/deploy/fence.h"
#include "runtime/kubernetes/deploy/ground.h"
#include "runtime/kubernetes/deploy/inventory.h"
#include "runtime/kubernetes/deploy/jobs.h"
#include "runtime/kubernetes/deploy/parallel.h"
#include "runtime/kubernetes/deploy/rollout.h"
#include "runtime/kubernetes/deploy/secrets.h"
#include "runtime/kubernetes/deploy/trial.h"
#include "runtime/kubernetes/records/records.h"

namespace msctl::kubernetes::deploy {
namespace {

using release::Release;

base::Errors one(base::Error error) {
  return {std::move(error)};
}

// One command that changes an environment, from the lock to the record.
class Deployment {
public:
  Deployment(Cluster& cluster, const base::Clock& clock, Release wanted, bool whole, const Options& options)
      : cluster_(cluster),
        clock_(clock),
        options_(options),
        whole_(whole),
        release_(std::move(wanted)),
        records_(cluster, release_.workspace) {}

  std::expected<Done, base::Errors> run() {
    if (auto there = make_space(); !there) return std::unexpected(one(there.error()));
    if (auto locked = lock(); !locked) return std::unexpected(one(locked.error()));
    if (auto known = survey(); !known) return std::unexpected(one(known.error()));
    auto settled = settle_secrets(cluster_, release_, ground_, options_.secrets, fresh_version);
    if (!settled) return std::unexpected(std::move(settled.error()));
    secrets_ = *std::move(settled);
    if (base::Errors problems = try_secrets(cluster_, secrets_); !problems.empty())
      return std::unexpected(std::move(problems));
    if (!whole_ && ground_.running) complete(release_, *ground_.running);
    auto planned = plan_for(cluster_, release_, ground_);
    if (!planned) return std::unexpected(std::move(planned.error()));
    plan_ = *std::move(planned);
    add_meaning(secrets_, plan_);
    if (!plan_.has_changes() && !ground_.unfinished && lock_->standing().pending == 0) return as_it_is();
    if (options_.canary)
      if (base::Errors problems = prepare_canary(); !problems.empty())
        return std::unexpected(std::move(problems));
    if (options_.consent) {
      auto yes = options_.consent(plan_);
      if (!yes) return std::unexpected(one(yes.error()));
      if (!*yes) return Done{{}, std::move(plan_), true};
    }
    if (auto begun = begin(); !begun) return std::unexpected(one(begun.error()));
    base::Errors problems = make_secrets();
    if (problems.empty()) problems = trial_ ? try_then_carry_out() : carry_out(release_, plan_);
    return problems.empty() ? succeed() : go_back(problems);
  }

private:
  // The namespace is where the lock is.
  base::Result<void> make_space() {
    auto lease = look_at_lock(cluster_, lock_name(release_.workspace));
    if (!lease) return std::unexpected(lease.error().error);
    auto probe = cluster_.get({"v1", "Namespace", cluster_.space()});
    // Who may not look at namespaces has one that somebody else made.
    if (probe || probe.error().kind != Refusal::Kind::not_found) return {};
    auto made = cluster_.create(
        {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", cluster_.space()}}}});
    if (!made && made.error().kind != Refusal::Kind::exists) return std::unexpected(made.error().error);
    say({}, fmt::format("made the namespace {}", cluster_.space()));
    return {};
  }

  base::Result<void> lock() {
    LockOptions wanted;
    wanted.name = lock_name(release_.workspace);
    wanted.holder = this_holder(release_.command, clock_.wall());
    wanted.patience = options_.lock_timeout;
    wanted.waiting = [this](const Holder& other) { say({}, fmt::format("waits for {}", other.text())); };
    wanted.interrupted = options_.interrupted;
    wanted.sleep = options_.sleep;
    auto taken = Lock::acquire(cluster_, clock_, std::move(wanted));
    if (!taken) return std::unexpected(taken.error());
    lock_ = *std::move(taken);
    writer_.emplace(cluster_, *lock_);
    release_.by = this_holder(release_.command, clock_.wall()).by;
    return {};
  }

  // After a take-over nothing that was read before the fence counts.
  base::Result<void> survey() {
    auto found = look(cluster_, release_, lock_->standing());
    if (!found) return std::unexpected(found.error());
    if (lock_->was_taken_over()) {
      say({}, "took over the lock of a command that has ended without giving it back");
      if (auto fenced = fence_all(found->live); !fenced) return fenced;
      found = look(cluster_, release_, lock_->standing());
      if (!found) return std::unexpected(found.error());
    }
    ground_ = *std::move(found);
    return {};
  }

  base::Result<void> fence_all(const ByRef& live) {
    std::vector<const Json*> all;
    for (const auto& [ref, object] : live) all.push_back(&object);
    std::vector<std::optional<base::Error>> problems(all.size());
    in_parallel(all.size(), requests_at_once, [&](std::size_t i) {
      if (auto fenced = writer_->fence(*all[i]); !fenced) problems[i] = fenced.error();
    });
    for (std::optional<base::Error>& problem : problems)
      if (problem) return std::unexpected(*std::move(problem));
    return {};
  }

  // Nothing is to be changed; whether all of it is ready is asked all the same.
  std::expected<Done, base::Errors> as_it_is() {
    RolloutOptions options = rollout_options();
    options.say = [](const std::string&, const std::string&) {
    };  // that nothing has changed is told by whoever asked
    Rollout rollout(cluster_, clock_, release_.workspace, std::move(options));
    std::vector<const release::Part*> all;
    for (const release::Part& part : release_.parts) all.push_back(&part);
    if (auto problems = rollout.wait(all); !problems.empty()) return std::unexpected(std::move(problems));
    return Done{{}, std::move(plan_), false};
  }

  base::Result<void> begin() {
    Standing next = lock_->standing();
    if (ground_.unfinished) {
      ground_.unfinished->result = release::Result::interrupted;
      ground_.unfinished->ended = base::to_rfc3339(clock_.wall());
      (void)records_.finish(*ground_.unfinished);
    }
    next.pending = next.last = next.last + 1;
    release_.id = next.pending;
    release_.at = base::to_rfc3339(clock_.wall());
    release_.result = release::Result::pending;
    release_.secrets = secrets_of(release_);
    if (auto set = lock_->set(next); !set) return set;
    return records_.add(release_);
  }

  // Before anything refers to them. The record, which is written, names them.
  base::Errors make_secrets() {
    for (const Json& secret : secrets_.make) {
      if (auto made = writer_->apply(secret); !made) return one(made.error());
      say(label(secret, names::name), fmt::format("{} created", ref_of(secret).text()));
    }
    return {};
  }

  RolloutOptions rollout_options() {
    return {options_.timeout, options_.show, options_.interrupted, [this] { return lock_->check(); },
            [this](const std::string& part, const std::string& text) { say(part, text); }};
  }

  // Everything that can be known before the first change.
  base::Errors prepare_canary() {
    auto choice = canary::choose(release_, ground_.running);
    if (!choice) return one(choice.error());
    first_ = choice->first;
    for (const canary::Subject& each : choice->subjects) tried_.push_back(each.service);
    trial_.emplace(cluster_, clock_, *writer_, release_, *ground_.running, *std::move(choice),
                   TrialOptions{*options_.canary, rollout_options(), options_.sleep, options_.go_on});
    release_.canary = trial_->report();
    return trial_->check(ground_.live);
  }

  base::Errors try_then_carry_out() {
    if (base::Errors problems = make_whole(); !problems.empty()) return problems;
    if (base::Errors problems = carry_out_first(); !problems.empty()) return problems;
    if (base::Errors problems = run_jobs_first(); !problems.empty()) return problems;
    base::Errors problems = trial_->run();
    release_.canary = trial_->report();
    if (!problems.empty()) return problems;
    say({}, "the new version has passed; its canary keeps its requests until the rollout is ready");
    // The traffic is split now, and there is a canary, of which the release knows nothing: it puts both
    // right.
    if (base::Errors unplanned = plan_again(); !unplanned.empty()) return unplanned;
    return carry_out(release_, next_);
  }

  // What a killed deploy has left half done is no version to compare with.
  base::Errors make_whole() {
    next_ = plan_;
    if (!ground_.unfinished) return {};
    say({}, fmt::format("going back to release {} first, as a whole", ground_.running->id));
    if (base::Errors problems = restore(); !problems.empty()) return problems;
    return plan_again();
  }

  // From what is there now.
  base::Errors plan_again() {
    auto live = take_inventory(cluster_, release_.workspace, kinds_of({&release_, &*ground_.running}));
    if (!live) return one(live.error());
    ground_.live = *std::move(live);
    auto planned = plan_for(cluster_, release_, ground_);
    if (!planned) return std::move(planned.error());
    next_ = *std::move(planned);
    return {};
  }

  // New parts that a canary needs: to what runs they mean nothing yet.
  base::Errors carry_out_first() {
    if (first_.empty()) return {};
    auto is_first = [&](const std::string& part) { return std::ranges::find(first_, part) != first_.end(); };
    Release some = release_;
    std::erase_if(some.parts, [&](const release::Part& part) { return !is_first(part.name); });
    Plan only;
    for (const Step& step : next_.steps)
      if (step.action != Action::remove && is_first(step.part)) only.steps.push_back(step);
    return carry_out(some, only);
  }

  // A canary is of the new version: what has to be done before that starts is done before the canary.
  base::Errors run_jobs_first() {
    Release none = release_;
    for (release::Part& part : none.parts) part.objects.clear();
    return carry_out(none, jobs_before_canary(next_, tried_));
  }

  std::expected<Done, base::Errors> succeed() {
    release_.result = release::Result::deployed;
    if (auto ended = end(release_.id); !ended) return std::unexpected(one(ended.error()));
    return Done{std::move(release_), std::move(plan_), false};
  }

  // What ran before runs again, as one: images, configuration, routes, bounds.
  std::expected<Done, base::Errors> go_back(base::Errors problems) {
    const base::Code why = problems.front().code;
    // Whoever stops a canary has it taken back; what else is stopped the next command finishes, or undoes.
    const bool stopped = why == base::Code::interrupted && trial_ && trial_->is_taken_back();
    if (is_undecided(why) && !stopped) return std::unexpected(std::move(problems));
    release_.code = base::to_string(why);
    release_.message = problems.front().message;
    for (const base::Error& problem : problems)
      say({}, fmt::format("failed: {} [{}]", problem.message, base::to_string(problem.code)));
    if (!ground_.running) return fail_for_good(std::move(problems));

    say({}, fmt::format("going back to release {}", ground_.running->id));
    base::Errors again = restore();
    release_.result = !again.empty() ? release::Result::failed
                      : stopped      ? release::Result::interrupted
                                     : release::Result::rolled_back;
    release_.rolled_back_to = again.empty() ? ground_.running->id : 0;
    if (!again.empty() && is_undecided(again.front().code)) {
      problems.insert(problems.end(), again.begin(), again.end());
      return std::unexpected(std::move(problems));
    }
    if (auto ended = end(ground_.running->id); !ended) problems.push_back(ended.error());
    if (again.empty()) {
      problems.push_back(base::fail(base::Code::deployFailed,
                                    fmt::format("release {} {}; release {} runs again", release_.id,
                                                trial_ && !trial_->has_passed() ? "was not rolled out"
                                                                                : "did not become ready",
                                                ground_.running->id))
                             .error());
    } else {
      problems.insert(problems.end(), again.begin(), again.end());
      problems.push_back(
          base::fail(base::Code::rollbackFailed, fmt::format("neither release {} nor release {} became ready",
                                                             release_.id, ground_.running->id))
              .error());
    }
    return std::unexpected(std::move(problems));
  }

  base::Errors restore() {
    auto live = take_inventory(cluster_, release_.workspace, kinds_of({&release_, &*ground_.running}));
    if (!live) return one(live.error());
    ground_.live = *std::move(live);
    auto back = plan_back(cluster_, *ground_.running, ground_.live);
    if (!back) return std::move(back.error());
    return carry_out(*ground_.running, *back);
  }

  base::Errors carry_out(const Release& release, const Plan& plan) {
    Rollout rollout(cluster_, clock_, release_.workspace, rollout_options());
    return deploy::carry_out(
        release, plan, *writer_, rollout,
        {options_.interrupted, [this](const std::string& part, const std::string& text) { say(part, text); },
         [&] { return let_go_of_canaries(release, plan); }});
  }

  // A canary's replicas go when no gateway sends requests there any more.
  base::Result<void> let_go_of_canaries(const Release& release, const Plan& plan) {
    if (std::ranges::none_of(plan.steps, [](const Step& step) { return is_of_canary(step); })) return {};
    return wait_for_gateways(
        cluster_, release, {clock_, options_.sleep, options_.interrupted, [this] { return lock_->check(); }});
  }

  // Nothing ran before that could run again. What was made stays, to be looked at.
  std::expected<Done, base::Errors> fail_for_good(base::Errors problems) {
    release_.result = release::Result::failed;
    if (auto ended = end(0); !ended) problems.push_back(ended.error());
    problems.push_back(base::fail(base::Code::deployFailed,
                                  fmt::format("release {} did not become ready, and none ran before; what "
                                              "was made is left as it is",
                                              release_.id),
                                  "mend the cause and deploy again")
                           .error());
    return std::unexpected(std::move(problems));
  }

  base::Result<void> end(int current) {
    release_.ended = base::to_rfc3339(clock_.wall());
    release_.timeline = timeline_;
    if (auto written = records_.finish(release_); !written) return written;
    Standing next = lock_->standing();
    // A first release that failed still states what is there.
    next.current = current;
    next.pending = 0;
    if (auto set = lock_->set(next); !set) return set;
    std::vector<int> needed{release_.id};
    if (current != 0) needed.push_back(current);
    return forget(needed);
  }

  // Whoever has changed the source of secrets may have lost the right to remove those of before: then the
  // records stay, too, since nothing else names them.
  base::Result<void> forget(const std::vector<int>& needed) {
    bool may_not = false;
    auto trimmed = records_.trim(options_.keep, needed, [&](const std::vector<std::string>& secrets) {
      auto removed = remove_secrets(cluster_, *writer_, secrets);
      may_not = !removed && removed.error().code == base::Code::forbidden;
      return removed;
    });
    if (!may_not) return trimmed;
    say({}, fmt::format("releases that are to be forgotten stay: {}", trimmed.error().message));
    return {};
  }

  void say(const std::string& subject, const std::string& text) {
    std::lock_guard guard(mutex_);
    timeline_.push_back({base::to_rfc3339(clock_.wall()), subject, text});
    if (options_.say) options_.say(timeline_.back());
  }

  Cluster& cluster_;
  const base::Clock& clock_;
  const Options& options_;
  bool whole_;
  Release release_;
  Records records_;
  std::unique_ptr<Lock> lock_;
  std::optional<Writer> writer_;
  Ground ground_;
  Secrets secrets_;
  Plan plan_;
  std::vector<std::string> first_;  // parts that a canary needs
  std::vector<std::string> tried_;  // of which there is a canary
  Plan next_;                       // plan_, made anew after something has changed
  std::optional<Trial> trial_;
  std::mutex mutex_;
  std::vector<release::Moment> timeline_;
};

std::expected<Preview, base::Errors> with_canary(Preview preview, const Release& wanted, const Ground& ground,
                                                 const std::optional<canary::Request>& request) {
  if (!request || !preview.plan.has_changes()) return preview;
  auto choice = canary::choose(wanted, ground.running);
  if (!choice) return std::unexpected(one(choice.error()));
  preview.canary = canary::plan_json(*choice, *request, stable_replicas(*choice, ground.live));
  return preview;
}

}  // namespace

std::expected<Done, base::Errors> deploy(Cluster& cluster, const base::Clock& clock, Release wanted,
                                         bool whole, const Options& options) {
  return Deployment(cluster, clock, std::move(wanted), whole, options).run();
}

std::expected<Preview, base::Errors> preview(Cluster& cluster, Release wanted, bool whole,
                                             const std::optional<canary::Request>& canary,
                                             const SecretValues& secrets) {
  auto lock = look_at_lock(cluster, lock_name(wanted.workspace));
  if (!lock) return std::unexpected(one(lock.error().error));
  // In a namespace that is not there yet nothing can be tried out, and everything is new.
  if (auto space = cluster.get({"v1", "Namespace", cluster.space()});
      !space && space.error().kind == Refusal::Kind::not_found) {
    auto settled = settle_secrets(cluster, wanted, {}, secrets, fresh_version, Unread::told);
    if (!settled) return std::unexpected(std::move(settled.error()));
    Plan all = plan(wanted_of(wanted), {}, {}, {});
    add_meaning(*settled, all);
    return with_canary({std::move(all), {}}, wanted, {}, canary);
  }
  auto ground = look(cluster, wanted, lock->standing);
  if (!ground) return std::unexpected(one(ground.error()));
  auto settled = settle_secrets(cluster, wanted, *ground, secrets, fresh_version, Unread::told);
  if (!settled) return std::unexpected(std::move(settled.error()));
  if (base::Errors problems = try_secrets(cluster, *settled); !problems.empty())
    return std::unexpected(std::move(problems));
  if (!whole && ground->running) complete(wanted, *ground->running);
  auto planned = plan_for(cluster, wanted, *ground);
  if (!planned) return std::unexpected(std::move(planned.error()));
  add_meaning(*settled, *planned);
  return with_canary({*std::move(planned), {}}, wanted, *ground, canary);
}

}  // namespace msctl::kubernetes::deploy
