#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "runtime/kubernetes/deploy/seen.h"
#include "runtime/kubernetes/judge/judge.h"
#include "runtime/kubernetes/operate/operator.h"

namespace msctl::kubernetes {
namespace {

bool is_reached(const release::ServiceStatus& service, release::WaitFor what) {
  if (what == release::WaitFor::stopped) return service.desired == 0 && service.replicas.empty();
  return service.ready >= service.desired;
}

}  // namespace

base::Result<void> Operator::wait(const std::vector<std::string>& services, release::WaitFor what,
                                  base::Duration timeout) {
  const base::Instant end = clock_.now() + timeout;
  deploy::Seen seen;
  bool changed = false, reached = false;
  std::optional<base::Error> never;
  auto look = [&] {
    const judge::Lists lists = seen.lists();
    const auto subjects = judge::subjects(lists);
    reached = true;
    for (const auto& [name, subject] : subjects) {
      if (subject.object->value("kind", "") != "Deployment") continue;
      if (!services.empty() && std::ranges::find(services, name) == services.end()) continue;
      const judge::Context context{clock_.wall(), options_.environment, {}};
      const judge::Rollout rollout = judge::progress_of(subject, context);
      if (what == release::WaitFor::ready && rollout.failed() && !rollout.findings.empty()) {
        never = explain::to_error(rollout.findings.front());
        never->code = base::Code::waitImpossible;
      }
      reached = reached && is_reached(judge::status_of(subject, context), what);
    }
    for (const std::string& name : services)
      if (!subjects.contains(name) && what == release::WaitFor::ready)
        never = base::fail(base::Code::waitImpossible, fmt::format("'{}' is not deployed", name)).error();
  };
  bool late = false;
  auto watched = cluster_->watch(
      deploy::Seen::watched(options_.workspace),
      [&](const WatchEvent& event) {
        seen.take(event);
        changed = true;
        return true;
      },
      [&] {
        if (seen.whole() && std::exchange(changed, false)) look();
        late = clock_.now() >= end;
        return !reached && !never && !late && !(options_.interrupted && options_.interrupted());
      });
  if (!watched) return std::unexpected(watched.error().error);
  if (never) return std::unexpected(*std::move(never));
  if (reached) return {};
  if (late) return base::fail(base::Code::waitTimeout, "not reached in time");
  return base::fail(base::Code::interrupted, "interrupted while waiting");
}

}  // namespace msctl::kubernetes
