// The lines of all replicas, in the order of time; followed, through restarts and rollouts.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "runtime/kubernetes/deploy/inventory.h"
#include "runtime/kubernetes/deploy/parallel.h"
#include "runtime/kubernetes/operate/operator.h"
#include "runtime/release/pattern.h"

namespace msctl::kubernetes {
namespace {

using release::LogLine;
using release::LogQuery;

LogLine to_line(std::string_view raw, const std::string& service, const std::string& pod) {
  const std::size_t blank = raw.find(' ');
  LogLine out;
  out.at = std::string(raw.substr(0, blank));
  out.service = service;
  out.replica = pod;
  out.stream = "stdout";
  if (blank != std::string_view::npos) out.text = std::string(raw.substr(blank + 1));
  return out;
}

struct Source {
  std::string service, pod, container;
};

std::vector<Source> sources_of(const std::vector<Json>& pods, const LogQuery& query) {
  std::vector<Source> out;
  for (const Json& pod : pods) {
    // A canary's replicas are replicas of the service.
    const std::string canary_of = label(pod, names::canary_of);
    const std::string service = canary_of.empty() ? label(pod, names::name) : canary_of;
    const bool is_gateway = label(pod, names::component) == "gateway";
    if (is_gateway ? !query.gateway
                   : !(query.services.empty() && !query.gateway) &&
                         std::ranges::find(query.services, service) == query.services.end())
      continue;
    for (const Json& container : pod["spec"]["containers"])
      out.push_back({service, pod["metadata"]["name"], container["name"]});
  }
  return out;
}

base::Result<std::vector<Source>> find_sources(Cluster& cluster, const std::string& workspace,
                                               const LogQuery& query) {
  auto pods = cluster.list({"v1", "Pod", {}}, deploy::selector_of(workspace));
  if (!pods) return std::unexpected(pods.error().error);
  return sources_of(*pods, query);
}

LogRequest request_for(const Source& source, const LogQuery& query) {
  LogRequest out{source.pod, source.container};
  out.follow = query.follow;
  out.previous = query.previous;
  out.since = query.since;
  out.cancelled = query.cancelled;
  return out;
}

// A replica that has gone, or has not written anything yet, has no log.
bool is_refused(const Answer<void>& read) {
  return !read && read.error().kind != Refusal::Kind::not_found;
}

// Everything that was written, merged: each replica's lines are in order already. What could not be read of
// one is told when the lines of the others are out.
base::Result<void> print_all(Cluster& cluster, const std::vector<Source>& sources, const LogQuery& query,
                             const std::function<bool(const LogLine&)>& line) {
  std::vector<std::vector<LogLine>> lines(sources.size());
  std::vector<Answer<void>> read(sources.size());
  deploy::in_parallel(sources.size(), deploy::requests_at_once, [&](std::size_t i) {
    read[i] = cluster.logs(request_for(sources[i], query), [&](std::string_view raw) {
      lines[i].push_back(to_line(raw, sources[i].service, sources[i].pod));
      return true;
    });
  });
  std::vector<const LogLine*> all;
  for (const std::vector<LogLine>& each : lines)
    for (const LogLine& one : each) all.push_back(&one);
  std::ranges::stable_sort(all, [](const LogLine* a, const LogLine* b) { return a->at < b->at; });
  for (const LogLine* each : all)
    if (!line(*each)) return {};
  const auto refused = std::ranges::find_if(read, is_refused);
  if (refused != read.end()) return std::unexpected(refused->error().error);
  return {};
}

// One thread a replica; a watch tells of replicas that come.
class Follower {
public:
  Follower(Cluster& cluster, const LogQuery& query, const std::function<bool(const LogLine&)>& line)
      : cluster_(cluster), query_(query), line_(line) {
    query_.cancelled = [this, outer = query.cancelled] { return ended_ || (outer && outer()); };
  }
  ~Follower() {
    ended_ = true;
    for (std::thread& each : threads_) each.join();
  }
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  bool take(const WatchEvent& event) {
    if (event.kind != WatchEvent::Kind::set) return true;
    const Json::json_pointer statuses("/status/containerStatuses");
    for (const Source& source : sources_of({event.object}, query_)) {
      // A container that has not started yet has no log to follow; each start is followed once.
      if (!event.object.contains(statuses)) continue;
      for (const Json& status : event.object.at(statuses)) {
        const std::string id = status.value("containerID", "");
        if (status.value("name", "") == source.container && !id.empty() && begun_.insert(id).second)
          threads_.emplace_back([this, source] { follow(source); });
      }
    }
    return !query_.cancelled();
  }
  bool idle() const { return !query_.cancelled(); }

  // Why it ended by itself, if it did.
  base::Result<void> problem() {
    std::lock_guard guard(mutex_);
    if (problem_) return std::unexpected(*problem_);
    return {};
  }

private:
  // A stream that breaks is that of a replica which ends; only who may not read at all is told so.
  void follow(const Source& source) {
    auto read = cluster_.logs(request_for(source, query_), [&](std::string_view raw) {
      std::lock_guard guard(mutex_);
      if (!line_(to_line(raw, source.service, source.pod))) ended_ = true;
      return !ended_;
    });
    if (read || (read.error().error.code != base::Code::forbidden &&
                 read.error().error.code != base::Code::unauthorised))
      return;
    std::lock_guard guard(mutex_);
    problem_ = read.error().error;
    ended_ = true;
  }

  Cluster& cluster_;
  LogQuery query_;
  const std::function<bool(const LogLine&)>& line_;
  std::atomic<bool> ended_{false};
  std::mutex mutex_;
  std::optional<base::Error> problem_;
  std::set<std::string> begun_;
  std::vector<std::thread> threads_;
};

}  // namespace

base::Result<void> Operator::logs(const LogQuery& query, const std::function<bool(const LogLine&)>& line) {
  auto pattern = release::Pattern::make(query.grep);
  if (!pattern) return std::unexpected(pattern.error());
  auto fitting = [&](const LogLine& each) { return !pattern->fits(each.text) || line(each); };
  if (!query.follow) {
    auto sources = find_sources(*cluster_, options_.workspace, query);
    if (!sources) return std::unexpected(sources.error());
    return print_all(*cluster_, *sources, query, fitting);
  }
  const std::function<bool(const LogLine&)> each = fitting;
  Follower follower(*cluster_, query, each);
  auto watched = cluster_->watch(
      {{{"v1", "Pod", {}}, deploy::selector_of(options_.workspace)}},
      [&](const WatchEvent& event) { return follower.take(event); }, [&] { return follower.idle(); });
  if (!watched) return std::unexpected(watched.error().error);
  return follower.problem();
}

}  // namespace msctl::kubernetes
