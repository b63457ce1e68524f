// The loop of one watch: list, follow, and whatever ended that, follow again or list anew. The store is what
// has been delivered, so that a new list can be told as a difference.
#include <fmt/format.h>

#include <random>
#include <set>
#include <utility>

#include "runtime/kubernetes/api/lean.h"
#include "runtime/kubernetes/api/lines.h"
#include "runtime/kubernetes/api/session.h"
#include "runtime/kubernetes/api/watch.h"

namespace msctl::kubernetes::api {
namespace {

// etcd takes 1.5 MiB; an event is one object.
constexpr std::size_t longest_event = std::size_t{16} << 20;
// The server sends a bookmark about once a minute: without any the connection is taken for dead.
constexpr auto silence = std::chrono::seconds{90};
// After this long (and up to a minute more) the server ends a watch, so that load can be spread anew.
constexpr int watch_seconds = 240;
// So often in a row it is tried whether a watch goes on, before its trouble is told.
constexpr int most_troubles = 10;

std::string text(const Json& map, const char* key) {
  if (!map.is_object()) return {};
  const auto found = map.find(key);
  return found != map.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::string metadata(const Json& object, const char* key) {
  const auto found = object.is_object() ? object.find("metadata") : object.end();
  return found == object.end() ? std::string{} : text(*found, key);
}

}  // namespace

bool Reflector::remove(const Key& key, std::shared_ptr<const Json> last, const Deliver& deliver) {
  const auto known = store_.find(key);
  if (known == store_.end()) return true;
  if (last == nullptr) last = known->second;
  store_.erase(known);
  return deliver({Event::Type::deleted, 0, std::move(last)});
}

bool Reflector::set(Json object, const Deliver& deliver) {
  Key key{metadata(object, "namespace"), metadata(object, "name")};
  const auto known = store_.find(key);
  if (known != store_.end() &&
      metadata(*known->second, "resourceVersion") == metadata(object, "resourceVersion"))
    return true;
  auto kept = std::make_shared<const Json>(std::move(object));
  Event::Type type = Event::Type::added;
  if (known != store_.end()) {
    // Another object of the same name: the end of the first one was missed.
    if (metadata(*known->second, "uid") == metadata(*kept, "uid"))
      type = Event::Type::modified;
    else if (!remove(key, nullptr, deliver))
      return false;
  }
  store_[std::move(key)] = kept;
  return deliver({type, 0, std::move(kept)});
}

Answer<Reflector::Next> Reflector::list(const Deliver& deliver) {
  ListOptions options;
  options.labels = what_.labels;
  options.fields = what_.fields;
  options.space = what_.space;
  options.all_spaces = what_.all_spaces;
  options.lean = what_.lean;
  auto all = client_.list(what_.kind, options);
  if (!all) return std::unexpected(std::move(all.error()));
  version_ = std::move(all->resource_version);
  std::set<Key> gone;
  for (const auto& [key, object] : store_) gone.insert(key);
  for (const Json& each : all->items) gone.erase({metadata(each, "namespace"), metadata(each, "name")});
  for (const Key& key : gone)
    if (!remove(key, nullptr, deliver)) return Next::stop;
  for (Json& each : all->items)
    if (!set(std::move(each), deliver)) return Next::stop;
  if (!std::exchange(synced_, true) && !deliver({Event::Type::synced, 0, nullptr})) return Next::stop;
  return Next::watch;
}

std::optional<Reflector::Next> Reflector::take(std::string_view line, const Deliver& deliver) {
  if (line.empty()) return std::nullopt;
  Json event = parse(line, what_.lean);
  const auto object = event.is_object() ? event.find("object") : event.end();
  const std::string type = text(event, "type");
  if (type.empty() || object == event.end() || !object->is_object()) {
    ++troubles_;
    return Next::list;
  }
  if (type == "ERROR") {
    const auto code = object->find("code");
    const int status = code != object->end() && code->is_number_integer() ? code->get<int>() : 500;
    if (status != 410) {
      ++troubles_;
      const About about{"watch", {}, what_.kind.kind, {}, what_.kind.kind, {}, {}};
      refusal_ =
          read_failure(status, object->dump(-1, ' ', false, Json::error_handler_t::replace), {}, about, {});
    }
    return Next::list;
  }
  const std::string version = metadata(*object, "resourceVersion");
  if (version.empty()) {
    ++troubles_;
    return Next::list;
  }
  troubles_ = 0;
  version_ = version;
  if (type == "BOOKMARK") return std::nullopt;
  bool more = true;
  if (type == "DELETED") {
    Key key{metadata(*object, "namespace"), metadata(*object, "name")};
    more = remove(key, std::make_shared<const Json>(std::move(*object)), deliver);
  } else if (type == "ADDED" || type == "MODIFIED") {
    more = set(std::move(*object), deliver);
  }
  return more ? std::nullopt : std::optional(Next::stop);
}

// A pause that grows with the troubles there were. False: somebody interrupts.
bool Reflector::rest() {
  base::Duration spent{};
  Limits limits = client_.limits();
  limits.patience = base::Duration::max();
  return client_.session().pause(troubles_, std::nullopt, spent, limits);
}

Answer<Reflector::Next> Reflector::ended(Failure failure, bool heard) {
  if (interrupted(client_.limits())) return Next::stop;
  if (failure.gone()) return Next::list;
  // Nothing has come: whether the server lives at all is told by a list, whose error is then the last word.
  if (failure.unreachable() && failure.error.code == base::Code::clusterUnreachable)
    return heard ? Next::watch : Next::list;
  return std::unexpected(std::move(failure));
}

Answer<Reflector::Next> Reflector::follow(const Deliver& deliver) {
  static thread_local std::minstd_rand random(std::random_device{}());
  auto where = client_.place(what_.kind, what_.space, what_.all_spaces);
  if (!where) return std::unexpected(std::move(where.error()));
  Ask ask;
  ask.target =
      fmt::format("{}?watch=1&allowWatchBookmarks=true&resourceVersion={}&timeoutSeconds={}", where->target,
                  http::percent_encoded(version_), watch_seconds + static_cast<int>(random() % 60));
  if (!what_.labels.empty()) ask.target += "&labelSelector=" + http::percent_encoded(what_.labels);
  if (!what_.fields.empty()) ask.target += "&fieldSelector=" + http::percent_encoded(what_.fields);
  ask.about = {"watch", where->resource.group, where->resource.plural, {}, what_.kind.kind, {}, where->space};
  bool heard = false;
  std::optional<Next> next;
  Lines lines(longest_event);
  ask.stream = [&](std::string_view bytes) {
    heard = true;
    const bool more = lines.take(bytes, [&](std::string_view line) {
      next = lines.was_cut() ? Next::list : take(line, deliver);
      return !next;
    });
    if (more && lines.overflows()) next = Next::list;
    return !next;
  };
  Limits limits = client_.limits();
  limits.idle_timeout = silence;
  const int before = troubles_;
  auto sent = client_.session().send(ask, limits);
  if (next == Next::stop) return Next::stop;
  if (refusal_ && troubles_ >= most_troubles) return std::unexpected(std::move(*refusal_));
  if (!sent) {
    auto then = ended(std::move(sent.error()), heard);
    if (!then || *then == Next::stop) return then;
    next = *then;
  }
  // A server that ends each watch at once must not be asked in a loop.
  if (!heard) ++troubles_;
  if (troubles_ > before && !rest()) return Next::stop;
  return next.value_or(Next::watch);
}

Answer<void> Reflector::run(const Deliver& deliver) {
  for (Next next = Next::list; next != Next::stop;) {
    auto step = next == Next::list ? list(deliver) : follow(deliver);
    if (!step) {
      if (interrupted(client_.limits())) return {};
      return std::unexpected(std::move(step.error()));
    }
    next = *step;
  }
  return {};
}

}  // namespace msctl::kubernetes::api
