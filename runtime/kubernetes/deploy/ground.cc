#include "runtime/kubernetes/deploy/ground.h"

#include "runtime/kubernetes/deploy/inventory.h"
#include "runtime/kubernetes/deploy/jobs.h"
#include "runtime/kubernetes/records/records.h"

namespace msctl::kubernetes::deploy {
namespace {

using release::Release;

base::Result<std::optional<Release>> find_release(Records& records, int id) {
  if (id == 0) return std::nullopt;
  auto found = records.load(id);
  // Killed before it was written: then nothing was applied, either.
  if (!found && found.error().code == base::Code::noRelease) return std::nullopt;
  if (!found) return std::unexpected(found.error());
  return *std::move(found);
}

}  // namespace

base::Result<Ground> look(Cluster& cluster, const Release& wanted, const Standing& standing) {
  Records records(cluster, wanted.workspace);
  Ground out;
  auto running = find_release(records, standing.current);
  if (!running) return std::unexpected(running.error());
  out.running = *std::move(running);
  auto unfinished = find_release(records, standing.pending);
  if (!unfinished) return std::unexpected(unfinished.error());
  out.unfinished = *std::move(unfinished);
  std::vector<const Release*> releases{&wanted};
  if (out.running) releases.push_back(&*out.running);
  if (out.unfinished) releases.push_back(&*out.unfinished);
  auto live = take_inventory(cluster, wanted.workspace, kinds_of(releases));
  if (!live) return std::unexpected(live.error());
  out.live = *std::move(live);
  return out;
}

std::expected<Plan, base::Errors> plan_for(Cluster& cluster, const Release& wanted, const Ground& ground) {
  const std::vector<Wanted> all =
      without_past_jobs(wanted_of(wanted), ground.last(), ground.live, wanted.goes_back);
  // What a killed deploy has changed is not what the running release states.
  const ByRef last = ground.unfinished ? ByRef{} : ground.last();
  auto answers = try_out(cluster, all, last, ground.live);
  if (!answers) return std::unexpected(std::move(answers.error()));
  Plan out = plan(all, last, ground.live, *answers);
  settle_jobs(out, wanted.goes_back);
  return out;
}

std::expected<Plan, base::Errors> plan_back(Cluster& cluster, const Release& running, const ByRef& live) {
  const std::vector<Wanted> all = without_past_jobs(wanted_of(running), {}, live, true);
  auto answers = try_out(cluster, all, {}, live);
  if (!answers) return std::unexpected(std::move(answers.error()));
  Plan out = plan(all, {}, live, *answers);
  settle_jobs(out, true);
  keep_failed_jobs(out);
  return out;
}

void complete(Release& wanted, const Release& running) {
  for (const release::Part& part : running.parts)
    if (wanted.find(part.name) == nullptr) wanted.parts.push_back(part);
}

}  // namespace msctl::kubernetes::deploy
