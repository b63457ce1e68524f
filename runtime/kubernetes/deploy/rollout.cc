#include "runtime/kubernetes/deploy/rollout.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "runtime/kubernetes/deploy/inventory.h"
#include "runtime/kubernetes/deploy/seen.h"
#include "runtime/kubernetes/judge/judge.h"

namespace msctl::kubernetes::deploy {
namespace {

// The Deployments of some parts: those whose readiness counts. Jobs have a time of their own (jobs.h).
std::set<std::string> workloads_of(const std::vector<const release::Part*>& parts) {
  std::set<std::string> out;
  for (const release::Part* part : parts)
    for (const Json& object : part->objects)
      if (Ref ref = ref_of(object); ref.kind == "Deployment") out.insert(std::move(ref.name));
  return out;
}

std::optional<std::string> last_words(Cluster& cluster, const judge::Words& wanted) {
  LogRequest request{wanted.pod, wanted.container};
  request.previous = wanted.previous;
  constexpr int lines = 10;
  request.tail = lines;
  std::string out;
  auto done = cluster.logs(request, [&](std::string_view line) {
    out += line.substr(std::min(line.find(' ') + 1, line.size()));
    out += '\n';
    return true;
  });
  return done ? std::optional(out) : std::nullopt;
}

// Looks, each time something has happened, at what is not ready yet.
class Waiting {
public:
  Waiting(Cluster& cluster, const base::Clock& clock, const RolloutOptions& options,
          std::set<std::string> workloads, base::Instant end)
      : cluster_(cluster), clock_(clock), options_(options), open_(std::move(workloads)), end_(end) {}

  bool take(const WatchEvent& event) {
    seen_.take(event);
    changed_ = true;
    return !seen_.whole() || event.kind != WatchEvent::Kind::synced || look();
  }

  // Several times a second: many events at once are one look.
  bool idle() {
    if (options_.interrupted && options_.interrupted()) {
      errors_.push_back(interruption());
      return false;
    }
    if (auto ours = options_.still_ours(); !ours) {
      errors_.push_back(ours.error());
      return false;
    }
    const bool late = clock_.now() >= end_;
    // Some findings become certain with time alone.
    if (seen_.whole() && (changed_ || late || clock_.now() - looked_ >= std::chrono::seconds(1)) && !look())
      return false;
    if (late) give_up();
    return !late;
  }

  base::Errors take_errors() { return std::move(errors_); }

private:
  bool look() {
    changed_ = false;
    looked_ = clock_.now();
    const judge::Lists lists = seen_.lists();
    const auto subjects = judge::subjects(lists);
    progress_.clear();
    findings_.clear();
    for (auto name = open_.begin(); name != open_.end();) {
      const auto subject = subjects.find(*name);
      if (subject == subjects.end()) {
        ++name;
        continue;
      }
      const judge::Rollout rollout = judge::progress_of(subject->second, context_of(subject->second));
      if (rollout.done()) {
        options_.say(rollout.service, rollout.job.empty() ? "is ready" : rollout.job + " has run");
        name = open_.erase(name);
        continue;
      }
      if (rollout.failed()) add(rollout.findings);
      findings_.insert(findings_.end(), rollout.findings.begin(), rollout.findings.end());
      progress_.push_back(fmt::format("{}{}{}: {}", rollout.service, rollout.job.empty() ? "" : " ",
                                      rollout.job, rollout.progress));
      ++name;
    }
    if (options_.show) options_.show(fmt::format("{}", fmt::join(progress_, "; ")));
    return errors_.empty() && !open_.empty();
  }

  judge::Context context_of(const judge::Subject& subject) {
    for (const judge::Words& wanted : judge::words_wanted(subject)) {
      if (words_.contains(wanted)) continue;
      if (auto said = last_words(cluster_, wanted)) words_[wanted] = *std::move(said);
    }
    return {clock_.wall(), {}, words_};
  }

  void add(const std::vector<explain::Finding>& findings) {
    for (const explain::Finding& finding : findings)
      if (finding.certain) errors_.push_back(explain::to_error(finding));
  }

  // Without a certain sign: everything that could be the reason.
  void give_up() {
    for (const explain::Finding& finding : findings_) errors_.push_back(explain::to_error(finding));
    errors_.push_back(base::fail(base::Code::deployTimeout,
                                 fmt::format("not ready in time: {}", fmt::join(open_, ", ")),
                                 "give --timeout more, or see 'msctl status -e ENV'")
                          .error());
    if (!progress_.empty()) errors_.back().notes = progress_;
  }

  Cluster& cluster_;
  const base::Clock& clock_;
  const RolloutOptions& options_;
  std::set<std::string> open_;
  base::Instant end_;
  Seen seen_;
  bool changed_ = false;
  base::Instant looked_{};
  judge::LastWords words_;
  std::vector<std::string> progress_;
  std::vector<explain::Finding> findings_;
  base::Errors errors_;
};

}  // namespace

bool is_undecided(base::Code code) {
  static const std::set<base::Code> all{base::Code::interrupted,        base::Code::lockLost,
                                        base::Code::clusterUnreachable, base::Code::serverCertificate,
                                        base::Code::unauthorised,       base::Code::clusterBusy,
                                        base::Code::clusterFailed,      base::Code::versionGone};
  return all.contains(code);
}

base::Error interruption() {
  return base::fail(base::Code::interrupted, "interrupted; the release is not whole",
                    "msctl deploy finishes it, msctl rollback undoes it")
      .error();
}

base::Errors Rollout::glance(const std::vector<const release::Part*>& parts) {
  RolloutOptions silent = options_;
  silent.show = {};
  silent.say = [](const std::string&, const std::string&) {};
  Waiting waiting(cluster_, clock_, silent, workloads_of(parts), end_);
  auto objects = list_all(cluster_, Seen::watched(workspace_));
  if (!objects) return {objects.error()};
  for (Json& object : *objects) waiting.take({WatchEvent::Kind::set, std::move(object)});
  waiting.take({WatchEvent::Kind::synced, {}});
  return waiting.take_errors();
}

base::Errors Rollout::watch(std::set<std::string> workloads, base::Instant end) {
  if (workloads.empty()) return {};
  Waiting waiting(cluster_, clock_, options_, std::move(workloads), end);
  auto watched = cluster_.watch(
      Seen::watched(workspace_), [&](const WatchEvent& event) { return waiting.take(event); },
      [&] { return waiting.idle(); });
  if (!watched) return {watched.error().error};
  return waiting.take_errors();
}

base::Errors Rollout::wait(const std::vector<const release::Part*>& parts) {
  return watch(workloads_of(parts), end_);
}

base::Errors Rollout::wait_for_jobs(std::set<std::string> names, base::Duration limit) {
  const base::Instant begin = clock_.now();
  base::Errors problems = watch(std::move(names), begin + limit);
  end_ += clock_.now() - begin;
  return problems;
}

base::Result<bool> Rollout::until(const Ref& ref, const std::function<bool(const Json&)>& enough,
                                  base::Duration limit) {
  const base::Instant begin = clock_.now();
  bool done = false, seen = false;
  std::optional<base::Error> problem;
  auto take = [&](const WatchEvent& event) {
    if (event.kind == WatchEvent::Kind::set) {
      seen = true;
      done = enough(event.object);
    } else {
      done = event.kind == WatchEvent::Kind::removed || !seen;
    }
    return !done;
  };
  auto idle = [&] {
    if (options_.interrupted && options_.interrupted())
      problem = interruption();
    else if (auto ours = options_.still_ours(); !ours)
      problem = ours.error();
    return !problem && clock_.now() - begin < limit;
  };
  auto watched = cluster_.watch({{ref, {}}}, take, idle);
  end_ += clock_.now() - begin;
  if (!watched) return std::unexpected(watched.error().error);
  if (problem) return std::unexpected(*std::move(problem));
  return done;
}

}  // namespace msctl::kubernetes::deploy
