#include "runtime/kubernetes/deploy/carrying.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <vector>

#include "runtime/kubernetes/deploy/jobs.h"
#include "runtime/kubernetes/deploy/parallel.h"

namespace msctl::kubernetes::deploy {
namespace {

using Steps = std::vector<const Step*>;

class Carrier {
public:
  Carrier(Writer& writer, const Carrying& options) : writer_(writer), options_(options) {}

  // Those of the parts of a wave, several parts at a time; the steps of each in their order.
  base::Errors apply(const std::vector<Steps>& parts) {
    std::vector<std::optional<base::Error>> problems(parts.size());
    in_parallel(parts.size(), requests_at_once, [&](std::size_t i) {
      for (const Step* step : parts[i]) {
        if (step->action == Action::unchanged) continue;
        if (auto done = apply(*step); !done) {
          problems[i] = done.error();
          return;
        }
      }
    });
    base::Errors out;
    for (std::optional<base::Error>& problem : problems)
      if (problem) out.push_back(*std::move(problem));
    return out;
  }

  base::Result<void> remove(const Step& step) {
    if (stopped()) return std::unexpected(interruption());
    if (auto removed = writer_.remove(step.live); !removed) return removed;
    options_.say(step.part, fmt::format("{} removed", step.ref.text()));
    return {};
  }

private:
  base::Result<void> apply(const Step& step) {
    if (stopped()) return std::unexpected(interruption());
    // An autoscaler takes over: `replicas` must not fall to one in between.
    if (step.ref.kind == "Deployment" && step.live.is_object() && !step.object["spec"].contains("replicas") &&
        owns(step.live, {{"spec", {}, {}}, {"replicas", {}, {}}}, names::manager))
      if (auto handed = writer_.hand_over_replicas(step.live); !handed) return handed;
    auto done = writer_.apply(step.object);
    if (!done) return std::unexpected(done.error());
    options_.say(step.part, fmt::format("{} {}", step.ref.text(),
                                        step.action == Action::create ? "created" : "changed"));
    return {};
  }

  bool stopped() const { return options_.interrupted && options_.interrupted(); }

  Writer& writer_;
  const Carrying& options_;
};

// What a wave consists of, by the order in which it is done; each with the steps of all parts.
struct Course {
  std::vector<Steps> first, before, then, after;

  void add(Stages part) {
    first.push_back(std::move(part.first));
    before.push_back(std::move(part.before));
    then.push_back(std::move(part.then));
    after.push_back(std::move(part.after));
  }
};

}  // namespace

base::Errors carry_out(const release::Release& release, const Plan& plan, Writer& writer, Rollout& rollout,
                       const Carrying& options) {
  Carrier carrier(writer, options);
  JobRunner jobs(writer, rollout, options.say, plan);
  std::map<std::string, Steps> by_part;
  for (const Step& step : plan.steps)
    if (step.action != Action::remove) by_part[step.part].push_back(&step);
  for (const auto& wave : release::waves(release.parts)) {
    Course course;
    for (const release::Part* part : wave) course.add(stages_of(by_part[part->name]));
    if (base::Errors problems = carrier.apply(course.first); !problems.empty()) return problems;
    if (base::Errors problems = jobs.run(course.before); !problems.empty()) return problems;
    if (base::Errors problems = carrier.apply(course.then); !problems.empty()) return problems;
    if (base::Errors problems = rollout.wait(wave); !problems.empty()) return problems;
    if (base::Errors problems = jobs.run(course.after); !problems.empty()) return problems;
  }
  if (options.before_removal && plan.count(Action::remove) > 0)
    if (auto ready = options.before_removal(); !ready) return {ready.error()};
  for (const Step& step : plan.steps)
    if (step.action == Action::remove)
      if (auto removed = carrier.remove(step); !removed) return {removed.error()};
  return {};
}

}  // namespace msctl::kubernetes::deploy
