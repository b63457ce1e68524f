// A namespace in memory, with as much of server-side apply as deploying relies on: who states which field,
// conflicts, resourceVersions, dry runs. Lists of maps count as one value.
#pragma once

#include <fmt/format.h>

#include <map>
#include <mutex>
#include <set>

#include "runtime/kubernetes/cluster/cluster.h"

namespace msctl::fakes {

class FakeCluster : public kubernetes::Cluster {
public:
  using Json = kubernetes::Json;
  using Ref = kubernetes::Ref;
  using Refusal = kubernetes::Refusal;
  template <class T>
  using Answer = kubernetes::Answer<T>;

  std::map<Ref, Json> objects;
  std::map<std::string, std::vector<std::string>> lines;    // of a Pod's log, each with its time in front
  std::map<std::string, kubernetes::Refusal> refused_logs;  // by Pod
  std::map<std::string, std::string> pages;                 // of Pods: "POD:PORT/PATH" and what it answers
  int writes = 0;                                           // dry runs aside
  // Asked before each write, with what it is; true: it is refused as if the network was gone.
  std::function<bool(const std::string& what, const Json& object)> before_write;

  const std::string& space() const override { return space_; }

  using Cluster::list;
  Answer<std::vector<Json>> list(const kubernetes::Watched& what) override {
    const auto& [kind, selector, fields, lean] = what;
    std::lock_guard guard(mutex_);
    std::vector<Json> out;
    for (const auto& [ref, object] : objects)
      if (ref.api_version == kind.api_version && ref.kind == kind.kind && fits(object, selector))
        out.push_back(object);
    return out;
  }

  Answer<Json> get(const Ref& ref) override {
    std::lock_guard guard(mutex_);
    const auto found = objects.find(ref);
    if (found == objects.end()) return refuse(Refusal::Kind::not_found, ref.text() + " not found");
    return found->second;
  }

  Answer<Json> create(const Json& object) override {
    if (auto no = gate("create", object)) return std::unexpected(*no);
    std::lock_guard guard(mutex_);
    const Ref ref = kubernetes::ref_of(object);
    if (objects.contains(ref)) return refuse(Refusal::Kind::exists, ref.text() + " already exists");
    Json next = object;
    next["metadata"]["uid"] = fmt::format("uid-{}", ++version_);
    return put(ref, std::move(next));
  }

  Answer<Json> replace(const Json& object) override {
    if (auto no = gate("replace", object)) return std::unexpected(*no);
    std::lock_guard guard(mutex_);
    const Ref ref = kubernetes::ref_of(object);
    const auto found = objects.find(ref);
    if (found == objects.end()) return refuse(Refusal::Kind::not_found, ref.text() + " not found");
    if (kubernetes::version_of(object) != kubernetes::version_of(found->second))
      return refuse(Refusal::Kind::conflict, "the object has been modified");
    return put(ref, object);
  }

  Answer<Json> apply(const Json& object, const kubernetes::ApplyOptions& options) override {
    if (!options.dry_run)
      if (auto no = gate("apply", object)) return std::unexpected(*no);
    std::lock_guard guard(mutex_);
    const Ref ref = kubernetes::ref_of(object);
    const auto found = objects.find(ref);
    const std::string wanted_version = kubernetes::version_of(object);
    if (found == objects.end() && !wanted_version.empty())
      return refuse(Refusal::Kind::not_found, ref.text() + " not found");
    Json live = found == objects.end() ? Json{{"metadata", Json::object()}} : found->second;
    if (!wanted_version.empty() && wanted_version != kubernetes::version_of(live))
      return refuse(Refusal::Kind::conflict, "the object has been modified");

    const std::map<std::string, Json> stated = leaves(object);
    Owners owners = owners_of(live);
    Refusal conflict{Refusal::Kind::conflict, {}, {}};
    for (const auto& [path, value] : stated)
      for (const auto& [manager, paths] : owners)
        if (manager != options.manager && paths.contains(path) && at(live, path) != value)
          conflict.fields.push_back({path, manager});
    if (!conflict.fields.empty() && !options.force) {
      conflict.error.message = fmt::format("conflict with {}", conflict.fields.front().manager);
      return std::unexpected(conflict);
    }
    for (const Refusal::Field& field : conflict.fields) owners[field.manager].erase(field.path);
    // What this manager stated before, and nobody states any more, goes.
    for (const std::string& path : owners[options.manager])
      if (!stated.contains(path) && !anybody_else(owners, options.manager, path)) drop(live, path);
    owners[options.manager].clear();
    for (const auto& [path, value] : stated) {
      live[Json::json_pointer(path)] = value;
      owners[options.manager].insert(path);
    }
    set_owners(live, owners);
    if (found == objects.end()) live["metadata"]["uid"] = fmt::format("uid-{}", version_ + 1);
    if (options.dry_run) {
      if (found == objects.end()) live["metadata"].erase("resourceVersion");
      return live;
    }
    if (found != objects.end() && same(live, found->second)) return found->second;
    return put(ref, std::move(live));
  }

  Answer<void> remove(const Ref& ref, const std::string& uid, const std::string& version) override {
    if (auto no = gate("remove", {{"kind", ref.kind}, {"metadata", {{"name", ref.name}}}}))
      return std::unexpected(*no);
    std::lock_guard guard(mutex_);
    const auto found = objects.find(ref);
    if (found == objects.end()) return refuse(Refusal::Kind::not_found, ref.text() + " not found");
    if ((!uid.empty() && uid != kubernetes::uid_of(found->second)) ||
        (!version.empty() && version != kubernetes::version_of(found->second)))
      return refuse(Refusal::Kind::conflict, "the precondition failed");
    objects.erase(found);
    ++writes;
    return {};
  }

  Answer<void> logs(const kubernetes::LogRequest& request,
                    const std::function<bool(std::string_view)>& line) override {
    if (const auto refused = refused_logs.find(request.pod); refused != refused_logs.end())
      return std::unexpected(refused->second);
    for (const std::string& each : lines[request.pod])
      if (!line(each)) break;
    return {};
  }

  Answer<std::string> ask_pod(const kubernetes::PodRequest& request) override {
    const std::string at = fmt::format("{}:{}{}", request.pod, request.port, request.path);
    const auto found = pages.find(at);
    if (found == pages.end()) return refuse(Refusal::Kind::not_found, at + " does not answer");
    return found->second;
  }

  // What is there, and then `idle` until it has had enough.
  Answer<void> watch(const std::vector<kubernetes::Watched>& what,
                     const std::function<bool(const kubernetes::WatchEvent&)>& event,
                     const std::function<bool()>& idle) override {
    for (const kubernetes::Watched& each : what) {
      auto all = list(each.kind, each.selector);
      for (const Json& object : *all)
        if ((each.kind.name.empty() || each.kind.name == kubernetes::ref_of(object).name) &&
            !event({kubernetes::WatchEvent::Kind::set, object}))
          return {};
    }
    if (!event({kubernetes::WatchEvent::Kind::synced, {}})) return {};
    while (idle()) {
    }
    return {};
  }

private:
  using Owners = std::map<std::string, std::set<std::string>>;

  static std::unexpected<Refusal> refuse(Refusal::Kind kind, std::string message) {
    Refusal out{kind, {}, {}};
    out.error.code = base::Code::internal;
    out.error.message = std::move(message);
    return std::unexpected(std::move(out));
  }

  std::optional<Refusal> gate(const std::string& what, const Json& object) {
    if (before_write && before_write(what, object))
      return refuse(Refusal::Kind::other, "the network is gone").error();
    return std::nullopt;
  }

  Json put(const Ref& ref, Json object) {
    object["metadata"]["resourceVersion"] = std::to_string(++version_);
    ++writes;
    return objects[ref] = std::move(object);
  }

  static bool fits(const Json& object, const std::string& selector) {
    for (std::size_t at = 0; at < selector.size();) {
      const std::size_t end = std::min(selector.find(',', at), selector.size());
      const std::string pair = selector.substr(at, end - at);
      const std::size_t equals = pair.find('=');
      if (kubernetes::label(object, pair.substr(0, equals).c_str()) != pair.substr(equals + 1)) return false;
      at = end + 1;
    }
    return true;
  }

  static void collect(const Json& value, const std::string& path, std::map<std::string, Json>& out) {
    if (!value.is_object() || value.empty()) {
      out[path] = value;
      return;
    }
    for (const auto& [name, each] : value.items()) {
      std::string escaped;
      for (char c : name) escaped += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
      collect(each, path + "/" + escaped, out);
    }
  }
  static std::map<std::string, Json> leaves(Json object) {
    object["metadata"].erase("resourceVersion");
    std::map<std::string, Json> out;
    collect(object, "", out);
    return out;
  }
  static Json at(const Json& object, const std::string& path) {
    const Json::json_pointer where(path);
    return object.contains(where) ? object.at(where) : Json();
  }
  static void drop(Json& object, const std::string& path) {
    const Json::json_pointer where(path);
    if (object.contains(where)) object.at(where.parent_pointer()).erase(where.back());
  }
  static bool anybody_else(const Owners& owners, const std::string& me, const std::string& path) {
    for (const auto& [manager, paths] : owners)
      if (manager != me && paths.contains(path)) return true;
    return false;
  }
  static bool same(Json a, Json b) {
    a["metadata"].erase("resourceVersion");
    b["metadata"].erase("resourceVersion");
    return a == b;
  }

  // As managedFields, nested as the API has them: "f:spec": {"f:replicas": {}}.
  static Owners owners_of(const Json& live) {
    Owners out;
    const Json::json_pointer where("/metadata/managedFields");
    if (!live.contains(where)) return out;
    for (const Json& entry : live.at(where)) {
      std::map<std::string, Json> fields;
      collect(entry.at("fieldsV1"), "", fields);
      for (const auto& [path, value] : fields) {
        std::string plain;
        for (std::size_t i = 0; i < path.size(); ++i) {
          plain += path[i];
          if (path[i] == '/') i += 2;  // "f:"
        }
        out[entry.at("manager")].insert(plain);
      }
    }
    return out;
  }
  static void set_owners(Json& live, const Owners& owners) {
    Json entries = Json::array();
    for (const auto& [manager, paths] : owners) {
      if (paths.empty()) continue;
      Json fields = Json::object();
      for (const std::string& path : paths) {
        std::string nested;
        for (char c : path) nested += c == '/' ? std::string("/f:") : std::string(1, c);
        fields[Json::json_pointer(nested)] = Json::object();
      }
      entries.push_back({{"manager", manager}, {"operation", "Apply"}, {"fieldsV1", std::move(fields)}});
    }
    live["metadata"]["managedFields"] = std::move(entries);
  }

  std::string space_ = "shop";
  std::mutex mutex_;
  int version_ = 0;
};

}  // namespace msctl::fakes
