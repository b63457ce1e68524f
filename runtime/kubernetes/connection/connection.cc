#include "runtime/kubernetes/connection/connection.h"

#include <type_traits>

#include "runtime/kubernetes/api/watch.h"

namespace msctl::kubernetes {
namespace {

Refusal refusal(api::Failure failure) {
  Refusal out;
  if (failure.not_found())
    out.kind = Refusal::Kind::not_found;
  else if (failure.exists())
    out.kind = Refusal::Kind::exists;
  else if (failure.conflict())
    out.kind = Refusal::Kind::conflict;
  out.error = std::move(failure.error);
  for (api::Conflict& conflict : failure.conflicts)
    out.fields.push_back({std::move(conflict.field), std::move(conflict.manager)});
  return out;
}

template <class T>
Answer<T> answer(api::Answer<T> from) {
  if (!from) return std::unexpected(refusal(std::move(from.error())));
  if constexpr (std::is_void_v<T>)
    return {};
  else
    return *std::move(from);
}

api::Kind kind_of(const Ref& ref) {
  return {ref.api_version, ref.kind};
}

api::Name name_of(const Ref& ref) {
  return {kind_of(ref), ref.name};
}

api::Limits steady_limits() {
  api::Limits out;
  out.patience = std::chrono::seconds(10);
  return out;
}

}  // namespace

Connection::Connection(api::Client client, std::string space)
    : client_(std::move(client)), steady_(client_.with(steady_limits())), space_(std::move(space)) {}

Answer<std::vector<Json>> Connection::list(const Watched& what) {
  api::ListOptions options;
  options.labels = what.selector;
  options.fields = what.fields;
  options.lean = what.lean;
  auto found = client_.list(kind_of(what.kind), options);
  if (!found) return std::unexpected(refusal(std::move(found.error())));
  return std::move(found->items);
}

Answer<Json> Connection::get(const Ref& ref) {
  return answer(client_.get(name_of(ref)));
}

// An answer that was lost, and then "exists already": it may be what we have made ourselves.
Answer<Json> Connection::create(const Json& object) {
  auto made = client_.create(object);
  if (!made && made.error().exists() && made.error().uncertain) {
    auto there = client_.get(api::name_of(object));
    if (there) return *std::move(there);
  }
  return answer(std::move(made));
}

Answer<Json> Connection::replace(const Json& object) {
  return answer(steady_.update(object));
}

Answer<Json> Connection::apply(const Json& object, const ApplyOptions& options) {
  return answer(client_.apply(
      object, {.manager = options.manager, .force = options.force, .dry_run = options.dry_run}));
}

Answer<void> Connection::remove(const Ref& ref, const std::string& uid, const std::string& resource_version) {
  auto removed = client_.remove(
      name_of(ref), {.uid = uid, .resource_version = resource_version, .propagation = "Background"});
  if (!removed) return std::unexpected(refusal(std::move(removed.error())));
  return {};
}

Answer<void> Connection::logs(const LogRequest& request, const std::function<bool(std::string_view)>& line) {
  api::LogOptions options;
  options.pod = request.pod;
  options.container = request.container;
  options.follow = request.follow;
  options.previous = request.previous;
  options.timestamps = true;
  options.since = request.since;
  options.tail_lines = request.tail;
  api::Limits limits = client_.limits();
  if (request.cancelled) limits.interrupted = request.cancelled;
  // A service may be silent for as long as it likes.
  if (request.follow) limits.idle_timeout = std::chrono::hours(24);
  auto read = client_.with(std::move(limits)).logs(options, line);
  if (read) return {};
  const bool is_too_early = read.error().status == 400;  // "container … is waiting to start"
  Refusal out = refusal(std::move(read.error()));
  if (is_too_early) out.kind = Refusal::Kind::not_found;
  return std::unexpected(std::move(out));
}

Answer<std::string> Connection::ask_pod(const PodRequest& request) {
  api::Limits limits = client_.limits();
  if (request.timeout) {
    limits.patience = {};
    limits.idle_timeout = *request.timeout;
  }
  auto answered = client_.with(std::move(limits)).pod_proxy(request.pod, request.port, request.path);
  if (!answered) return std::unexpected(refusal(std::move(answered.error())));
  return *std::move(answered);
}

Answer<void> Connection::watch(const std::vector<Watched>& what,
                               const std::function<bool(const WatchEvent&)>& event,
                               const std::function<bool()>& idle) {
  std::vector<api::Watch> watches;
  for (const Watched& each : what)
    watches.push_back({.kind = kind_of(each.kind),
                       .labels = each.selector,
                       .fields = each.kind.name.empty() ? each.fields : "metadata.name=" + each.kind.name,
                       .lean = each.lean});
  std::size_t synced = 0;
  auto take = [&](const api::Event& from) {
    if (from.type == api::Event::Type::synced)
      return ++synced < watches.size() || event({WatchEvent::Kind::synced, {}});
    WatchEvent to{from.type == api::Event::Type::deleted ? WatchEvent::Kind::removed : WatchEvent::Kind::set,
                  *from.object};
    return event(to);
  };
  return answer(api::watch(client_, watches, take, idle));
}

}  // namespace msctl::kubernetes
