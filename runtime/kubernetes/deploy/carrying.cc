#include "runtime/kubernetes/deploy/carrying.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <vector>

#include "runtime/kubernetes/deploy/parallel.h"

namespace msctl::kubernetes::deploy {
namespace {

using StepsByPart = std::map<std::string, std::vector<const Step*>>;

class Carrier {
public:
  Carrier(Writer& writer, const Carrying& options) : writer_(writer), options_(options) {}

  // The parts of a wave, several at a time; the steps of each in their order.
  base::Errors apply(const std::vector<const release::Part*>& wave, const StepsByPart& by_part) {
    std::vector<std::optional<base::Error>> problems(wave.size());
    in_parallel(wave.size(), requests_at_once, [&](std::size_t i) {
      const auto steps = by_part.find(wave[i]->name);
      if (steps == by_part.end()) return;
      for (const Step* step : steps->second) {
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

}  // namespace

base::Errors carry_out(const release::Release& release, const Plan& plan, Writer& writer, Rollout& rollout,
                       const Carrying& options) {
  Carrier carrier(writer, options);
  StepsByPart by_part;
  for (const Step& step : plan.steps)
    if (step.action != Action::remove) by_part[step.part].push_back(&step);
  for (const auto& wave : release::waves(release.parts)) {
    if (base::Errors problems = carrier.apply(wave, by_part); !problems.empty()) return problems;
    if (base::Errors problems = rollout.wait(wave); !problems.empty()) return problems;
  }
  if (options.before_removal && plan.count(Action::remove) > 0)
    if (auto ready = options.before_removal(); !ready) return {ready.error()};
  for (const Step& step : plan.steps)
    if (step.action == Action::remove)
      if (auto removed = carrier.remove(step); !removed) return {removed.error()};
  return {};
}

}  // namespace msctl::kubernetes::deploy
