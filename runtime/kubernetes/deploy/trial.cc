#include "runtime/kubernetes/deploy/trial.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "runtime/base/units.h"
#include "runtime/kubernetes/canary/counters.h"
#include "runtime/kubernetes/canary/weights.h"
#include "runtime/kubernetes/deploy/inventory.h"
#include "runtime/prometheus/text.h"

namespace msctl::kubernetes::deploy {
namespace {

using canary::Course;
using canary::Subject;

base::Errors one(base::Error error) {
  return {std::move(error)};
}

std::string text_of(const std::vector<Subject>& subjects) {
  std::vector<std::string> names;
  for (const Subject& each : subjects) names.push_back(each.service);
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string_view result_of(const base::Errors& problems) {
  if (problems.empty()) return "passed";
  if (problems.front().code == base::Code::canaryWorse) return "worse";
  return problems.front().code == base::Code::canaryUndecided ? "undecided" : "failed";
}

std::string cure_of(const analysis::Judgement& judgement) {
  if (judgement.verdict == analysis::Verdict::worse)
    return "'msctl history -e ENV -o json' has the counts behind it";
  if (judgement.reason == analysis::Reason::coarse)
    return "more traffic would not tell; if it has been tried otherwise, deploy it without --canary";
  return "give it a longer --interval, or a greater first share in --canary";
}

}  // namespace

int replicas_of(const Json& deployment) {
  const Json::json_pointer where("/spec/replicas");
  return deployment.contains(where) && deployment.at(where).is_number_integer()
             ? deployment.at(where).get<int>()
             : 1;
}

std::map<std::string, int> stable_replicas(const canary::Choice& choice, const ByRef& live) {
  std::map<std::string, int> out;
  for (const Subject& each : choice.subjects) {
    const auto found = live.find({"apps/v1", "Deployment", each.service});
    out[each.service] = found == live.end() ? 1 : replicas_of(found->second);
  }
  return out;
}

bool is_of_canary(const Step& step) {
  return step.action == Action::remove && !label(step.live, names::canary_of).empty();
}

base::Result<void> wait_for_gateways(Cluster& cluster, const release::Release& release, const Pace& pace) {
  const release::Part* gateway = canary::gateway_of(release);
  const Json* configuration = gateway == nullptr ? nullptr : canary::configuration_of(*gateway);
  if (configuration == nullptr) return {};
  auto there = Gateways(cluster, release.workspace, pace).wait_in_force(canary::file_of(*configuration));
  if (there || is_undecided(there.error().code)) return there;
  constexpr base::Duration taken_in = std::chrono::seconds(2);
  return pace.rest_until(pace.clock.now() + taken_in);
}

Trial::Trial(Cluster& cluster, const base::Clock& clock, Writer& writer, const release::Release& wanted,
             const release::Release& running, canary::Choice choice, TrialOptions options)
    : cluster_(cluster),
      clock_(clock),
      writer_(writer),
      running_(running),
      choice_(std::move(choice)),
      options_(std::move(options)),
      configuration_(*canary::configuration_of(*canary::gateway_of(running))),
      pace_{clock, options_.sleep, options_.rollout.interrupted, options_.rollout.still_ours},
      gateways_(cluster, running.workspace, pace_) {
  for (const Subject& each : choice_.subjects)
    objects_[each.service] = canary::objects_of(each, wanted, running);
}

base::Errors Trial::check(const ByRef& live) {
  if (auto there = gateways_.check(); !there) return one(there.error());
  std::vector<Wanted> all;
  for (const auto& [service, objects] : objects_) {
    for (const Json& object : objects.surroundings) all.push_back({service, object});
    all.push_back({service, objects.deployment});
  }
  if (auto answers = try_out(cluster_, all, {}, live); !answers) return std::move(answers.error());
  return {};
}

base::Errors Trial::run() {
  base::Errors problems = all_steps();
  passed_ = problems.empty();
  return passed_ ? problems : abort(std::move(problems));
}

base::Errors Trial::all_steps() {
  for (const canary::Left& each : choice_.left)
    say(each.service, fmt::format("is rolled out without a canary: {}", each.because));
  if (base::Errors problems = surround(); !problems.empty()) return problems;
  for (const int percent : options_.request.shares) {
    canary::Step& report = steps_.emplace_back();
    report.percent = percent;
    report.began = base::to_rfc3339(clock_.wall());
    base::Errors problems = step(percent, report);
    report.ended = base::to_rfc3339(clock_.wall());
    if (report.result.empty()) report.result = result_of(problems);
    if (!problems.empty()) return problems;
  }
  return {};
}

// What the Pods refer to, and what leads to them, is there before them.
base::Errors Trial::surround() {
  for (const auto& [service, objects] : objects_)
    for (const Json& object : objects.surroundings) {
      auto applied = writer_.apply(object);
      if (!applied) return one(applied.error());
      say(service, fmt::format("{} created", ref_of(object).text()));
    }
  return {};
}

base::Errors Trial::step(int percent, canary::Step& report) {
  if (base::Errors problems = give_replicas(percent, report); !problems.empty()) return problems;
  if (base::Errors problems = give_weight(percent); !problems.empty()) return problems;
  say({},
      fmt::format("{} % of the requests for {} go to the new version", percent, text_of(choice_.subjects)));
  constexpr int whole = 100;
  if (percent < whole) return watch(report);
  // Nothing is left to compare with: the rollout begins.
  report.result = "promoting";
  return {};
}

base::Errors Trial::give_replicas(int percent, canary::Step& report) {
  for (const auto& [service, objects] : objects_) {
    // As many as there are now: a person or an autoscaler may have changed it since the last share.
    auto stable = cluster_.get({"apps/v1", "Deployment", service});
    if (!stable) return one(stable.error().error);
    const int count = canary::replicas_for(percent, replicas_of(*stable));
    auto applied = writer_.apply(canary::with_replicas(objects.deployment, count));
    if (!applied) return one(applied.error());
    report.replicas[service] = count;
  }
  const release::Part part = part_of_canaries();
  return Rollout(cluster_, clock_, running_.workspace, options_.rollout).wait({&part});
}

release::Part Trial::part_of_canaries() const {
  release::Part out;
  for (const auto& [service, objects] : objects_) out.objects.push_back(objects.deployment);
  return out;
}

base::Errors Trial::give_weight(int percent) {
  auto weighted = canary::with_weights(configuration_, choice_.subjects, percent);
  if (!weighted) return one(weighted.error());
  if (auto applied = writer_.apply(*weighted); !applied) return one(applied.error());
  percent_ = percent;
  // What is counted before would be of other shares.
  if (auto there = gateways_.wait_in_force(canary::file_of(*weighted)); !there) return one(there.error());
  return {};
}

base::Errors Trial::watch(canary::Step& report) {
  const base::Duration interval = options_.request.interval, every = canary::look_every(interval);
  const auto judged =
      std::ranges::count_if(options_.request.shares, [](int percent) { return percent < 100; });
  if (auto rested = pace_.rest_until(clock_.now() + canary::warm_up(interval)); !rested)
    return one(rested.error());
  Course course(choice_.subjects, options_.request, static_cast<int>(judged));
  const base::Instant began = clock_.now();
  const release::Part part = part_of_canaries();
  Rollout rollout(cluster_, clock_, running_.workspace, options_.rollout);
  for (base::Instant next = began;; next += every) {
    if (auto rested = pace_.rest_until(next); !rested) return one(rested.error());
    auto round = read(began);
    if (!round) return one(round.error());
    if (auto added = course.add(*round); !added) return one(added.error());
    if (base::Errors failed = rollout.glance({&part}); !failed.empty()) return failed;
    // The first reading is where counting begins.
    if (next == began) continue;
    const Course::State state = course.look();
    report.judgements = course.judgements();
    show(report.percent, course);
    if (state != Course::State::open) return verdict(course, state);
    if (course.looks() % course.planned() == 0) say_open(course);
    next = std::max(next, clock_.now() - every);
  }
}

base::Result<std::map<std::string, std::vector<analysis::Reading>>> Trial::read(base::Instant began) {
  const base::Duration at = clock_.now() - began;
  auto pages = gateways_.metrics();
  if (!pages) return std::unexpected(pages.error());
  std::map<std::string, std::vector<analysis::Reading>> out;
  for (const auto& [pod, text] : *pages) {
    auto page = prometheus::parse(text);
    if (!page) {
      page.error().notes.push_back(fmt::format("of the gateway {}", pod));
      return std::unexpected(page.error());
    }
    for (const Subject& subject : choice_.subjects) {
      auto counted = canary::counters_of(*page, subject);
      if (!counted) return std::unexpected(counted.error());
      out[subject.service].push_back({pod, at, *std::move(counted)});
    }
  }
  return out;
}

base::Errors Trial::verdict(const Course& course, Course::State state) const {
  base::Errors out;
  auto add = [&](analysis::Verdict verdict, base::Code code) {
    for (const std::string& service : course.services_that_are(verdict)) {
      const analysis::Judgement& judgement = course.judgements().at(service);
      out.push_back(
          base::fail(code, fmt::format("{}: {}", service, judgement.text), cure_of(judgement)).error());
    }
  };
  if (state == Course::State::passed)
    for (const auto& [service, judgement] : course.judgements()) say(service, judgement.text);
  if (state == Course::State::worse) add(analysis::Verdict::worse, base::Code::canaryWorse);
  if (state == Course::State::undecided) add(analysis::Verdict::undecided, base::Code::canaryUndecided);
  return out;
}

base::Errors Trial::abort(base::Errors problems) {
  if (is_undecided(problems.front().code)) {
    if (percent_ > 0)
      problems.front().notes.push_back(
          fmt::format("{} % of the requests for {} still go to the new version, and nobody judges it",
                      percent_, text_of(choice_.subjects)));
    return problems;
  }
  if (auto back = writer_.apply(configuration_); !back) {
    problems.push_back(back.error());
    return problems;
  }
  say({}, fmt::format("all requests go to the version of release {} again", running_.id));
  // What a gateway still sends is answered: the replicas go when none sends any more, or after half a minute.
  if (auto there = gateways_.wait_in_force(canary::file_of(configuration_)); !there) {
    if (is_undecided(there.error().code)) return problems;
    say({}, there.error().message);
  }
  if (auto removed = remove_objects(); !removed) problems.push_back(removed.error());
  return problems;
}

base::Result<void> Trial::remove_objects() {
  auto live = take_inventory(cluster_, running_.workspace, kinds_of({}));
  if (!live) return std::unexpected(live.error());
  for (const auto& [ref, object] : *live) {
    if (label(object, names::canary_of).empty()) continue;
    if (auto removed = writer_.remove(object); !removed) return removed;
    say(label(object, names::canary_of), fmt::format("{} removed", ref.text()));
  }
  return {};
}

// At the end of an interval that was too short.
void Trial::say_open(const Course& course) const {
  for (const std::string& service : course.services_that_are(analysis::Verdict::undecided))
    say(service, fmt::format("is watched for another interval: {}", course.judgements().at(service).text));
}

void Trial::show(int percent, const Course& course) const {
  if (!options_.rollout.show) return;
  std::vector<std::string> lines;
  for (const auto& [service, judgement] : course.judgements())
    lines.push_back(fmt::format("{}: {}", service, canary::progress_text(judgement)));
  options_.rollout.show(fmt::format("{} %, look {} of {}: {}", percent, course.looks(),
                                    std::max(course.planned(), course.looks()), fmt::join(lines, "; ")));
}

void Trial::say(const std::string& subject, const std::string& text) const {
  options_.rollout.say(subject, text);
}

Json Trial::report() const {
  Json out = canary::plan_json(choice_, options_.request, {});
  for (std::size_t i = 0; i < steps_.size(); ++i) out["steps"][i] = canary::to_json(steps_[i]);
  return out;
}

}  // namespace msctl::kubernetes::deploy
