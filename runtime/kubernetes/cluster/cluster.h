// One namespace of a cluster, as far as deploying and operating need it: the port behind which stands the API
// client, or, in tests, a fake.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/error.h"
#include "runtime/kubernetes/objects/ref.h"

namespace msctl::kubernetes {

using Json = nlohmann::json;

struct Refusal {
  enum class Kind : std::uint8_t {
    not_found,
    exists,
    conflict,  // another resourceVersion, or a field that another manager states
    other
  };
  struct Field {
    std::string path;     // ".spec.replicas"
    std::string manager;  // "kubectl-client-side-apply"
  };
  Kind kind = Kind::other;
  base::Error error;
  std::vector<Field> fields = {};  // of a conflict of server-side apply
};

template <class T>
using Answer = std::expected<T, Refusal>;

struct ApplyOptions {
  std::string manager = names::manager;
  bool force = false;    // takes fields from other managers
  bool dry_run = false;  // checked and answered, and nothing is changed
};

struct WatchEvent {
  enum class Kind : std::uint8_t { set, removed, synced };  // synced: all that was there has been told
  Kind kind = Kind::set;
  Json object;
};

struct LogRequest {
  std::string pod, container;
  bool follow = false;
  bool previous = false;  // of the run before the present one
  std::optional<base::Duration> since = {};
  std::optional<int> tail = {};  // lines
  std::function<bool()> cancelled = {};
};

// A GET that the API server hands on to a Pod of the namespace, so that it reaches from any machine.
struct PodRequest {
  std::string pod;
  int port = 0;
  std::string path;                            // "/metrics"
  std::optional<base::Duration> timeout = {};  // until its answer begins, and then it is asked once
};

struct Watched {
  Ref kind;                   // with a name: that object alone
  std::string selector = {};  // of labels, "a=b,c=d"; empty: all of the namespace
  std::string fields = {};    // of fields, "type!=Normal"
  bool lean = false;          // without metadata.managedFields: who set what is half of an object
};

class Cluster {
public:
  virtual ~Cluster() = default;

  virtual const std::string& space() const = 0;  // the namespace

  // All of a kind (`kind.name` does not count), or those that are selected. Each says what it is.
  virtual Answer<std::vector<Json>> list(const Watched& what) = 0;
  Answer<std::vector<Json>> list(const Ref& kind, const std::string& selector) {
    return list(Watched{kind, selector});
  }
  virtual Answer<Json> get(const Ref& ref) = 0;
  virtual Answer<Json> create(const Json& object) = 0;
  // With the resourceVersion that it was read with.
  virtual Answer<Json> replace(const Json& object) = 0;
  // Server-side apply, every unknown field an error.
  virtual Answer<Json> apply(const Json& object, const ApplyOptions& options) = 0;
  // Only if it is this very object in this very state; empty: in whatever state.
  virtual Answer<void> remove(const Ref& ref, const std::string& uid,
                              const std::string& resource_version) = 0;
  // The lines of a container, each with its time in front ("2026-01-31T12:00:00.123456789Z …"), until `line`
  // returns false or there are no more. not_found: the Pod is gone, or the container has not started. Asked
  // from several threads at once.
  virtual Answer<void> logs(const LogRequest& request, const std::function<bool(std::string_view)>& line) = 0;
  // The body of an answer 2xx; anything else is a refusal. Asked from several threads at once.
  virtual Answer<std::string> ask_pod(const PodRequest& request) = 0;
  // First what is there, then what happens, until `event` or `idle` returns false. `idle` is asked several
  // times a second, whether something comes or not. One call at a time.
  virtual Answer<void> watch(const std::vector<Watched>& what,
                             const std::function<bool(const WatchEvent&)>& event,
                             const std::function<bool()>& idle) = 0;
};

std::string uid_of(const Json& object);
std::string version_of(const Json& object);  // metadata.resourceVersion

}  // namespace msctl::kubernetes
