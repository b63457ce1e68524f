// The API of one Kubernetes cluster: takes and gives JSON objects as the server has them.
//
// What may be sent again without harm is sent again, after a growing pause, where the server is busy or the
// connection breaks (an internal error of the server: twice at most): reading, applying, deleting what has
// this uid, replacing what has this resourceVersion, creating what has a name. A value: copies share
// connections, credentials, discovery and counts. May be used by several threads; each request under way
// takes a connection of its own.
#pragma once

#include <nlohmann/json.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/http/client.h"
#include "runtime/kubernetes/api/failure.h"
#include "runtime/kubernetes/kubeconfig/credentials.h"

namespace msctl::kubernetes::api {

using Json = nlohmann::json;

struct Kind {
  std::string api_version;  // "apps/v1"
  std::string kind;         // "Deployment"
  auto operator<=>(const Kind&) const = default;
};

// One object. Without `space`: in the client's namespace, where its kind has one.
struct Name {
  Kind kind;
  std::string name;
  std::string space = {};
};
Name name_of(const Json& object);

// What discovery tells of a kind.
struct Resource {
  std::string group, version, kind;
  std::string plural;  // "deployments": its place in addresses, and its name in a Role
  bool namespaced = true;
  auto operator<=>(const Resource&) const = default;
};

struct ListOptions {
  std::string labels = {};  // "app=a,tier!=b"
  std::string fields = {};  // "metadata.name=a"
  std::string space = {};   // empty: the client's
  bool all_spaces = false;
  int page = 500;       // objects a request
  bool cached = false;  // resourceVersion=0: perhaps not the newest state, but cheap
  bool lean = false;    // the objects without metadata.managedFields
};

struct List {
  std::vector<Json> items;  // with apiVersion and kind
  std::string resource_version;
};

struct WriteOptions {
  std::string manager = "msctl";
  bool dry_run = false;          // checked and answered; nothing is changed
  std::string subresource = {};  // "status", and of a patch also "scale"
};

struct ApplyOptions {
  std::string manager = "msctl";
  bool force = false;  // takes fields from other managers
  bool dry_run = false;
  std::string subresource = {};
};

struct DeleteOptions {
  std::string uid = {};               // only this very object
  std::string resource_version = {};  // only in this very state
  std::string propagation = {};       // Foreground, Background, Orphan; empty: the kind's own
  std::optional<int> grace_seconds = {};
  bool dry_run = false;
};

enum class Patch : std::uint8_t { merge, json, strategic };

struct LogOptions {
  std::string pod;
  std::string container = {};  // empty: the only one
  std::string space = {};
  bool follow = false;
  bool previous = false;  // of the run before the present one
  bool timestamps = false;
  std::string since_time = {};  // RFC 3339
  std::optional<base::Duration> since = {};
  std::optional<int> tail_lines = {};
};

// What differs from call to call.
struct Limits {
  std::function<bool()> interrupted = {};  // looked at several times a second, and before each attempt
  // Pauses, and attempts to which nobody answered, in all; zero: one attempt.
  base::Duration patience = std::chrono::seconds{30};
  base::Duration idle_timeout = std::chrono::seconds{60};  // until an answer begins, and between bytes
};

struct Counts {
  std::uint64_t requests = 0;  // sent, repeated ones too
  std::uint64_t repeated = 0;
  std::uint64_t watches = 0;  // of the requests
};

struct Options {
  Limits limits = {};
  std::function<void(base::Duration)> sleep = {};        // empty: the thread's, cut in short pieces
  std::function<void(const std::string&)> warning = {};  // the server's "Warning" headers; from any thread
  std::string agent = "msctl";
  // Where tests come in. Empty: http::Client.
  std::function<std::shared_ptr<http::Transport>(const http::Tls&)> transport = {};
};

class Session;
class Discovery;
struct Ask;

class Client {
public:
  // Nothing is sent yet. Errors: badKubeconfig (an address, a file or a certificate that is none).
  static base::Result<Client> connect(const kubeconfig::Access& access, const kubeconfig::Outside& outside,
                                      Options options);

  const std::string& space() const;  // the namespace
  // The same with other limits.
  Client with(Limits limits) const;

  // Known kinds without asking; others by discovery. Errors: apiNotServed.
  Answer<Resource> resource(const Kind& kind) const;

  Answer<Json> get(const Name& name, const std::string& subresource = {}) const;
  // All pages. Begins anew, at most three times, when the server no longer knows the next one.
  Answer<List> list(const Kind& kind, const ListOptions& options = {}) const;
  Answer<Json> create(const Json& object, const WriteOptions& options = {}) const;
  // With the object's resourceVersion, where it has one.
  Answer<Json> update(const Json& object, const WriteOptions& options = {}) const;
  Answer<Json> patch(const Name& name, Patch kind, const Json& patch, const WriteOptions& options = {}) const;
  // Server-side apply; a field that the server does not know is an error.
  Answer<Json> apply(const Json& object, const ApplyOptions& options = {}) const;
  // What was deleted, or the server's word that it is being deleted. Not found is an error, except where an
  // earlier attempt of this very call may have done it.
  Answer<Json> remove(const Name& name, const DeleteOptions& options = {}) const;
  // Refused with status 429 where a PodDisruptionBudget forbids it.
  Answer<void> evict(const std::string& pod, const DeleteOptions& options = {}) const;

  // The lines of a container until there are no more or `line` returns false. A line that is longer than 1
  // MiB is cut there.
  Answer<void> logs(const LogOptions& options, const std::function<bool(std::string_view)>& line) const;

  // A GET of `path` ("/metrics") at a port of a Pod, through the API server: the body of an answer 2xx.
  Answer<std::string> pod_proxy(const std::string& pod, int port, const std::string& path) const;

  // "/version", "/readyz?verbose".
  Answer<std::string> raw(const std::string& target) const;
  // As whom the server sees us: "system:admin"; empty where it does not tell.
  std::string whoami() const;

  Counts counts() const;
  Session& session() const { return *session_; }
  const Limits& limits() const { return limits_; }

  // Where objects of this kind are: "/apis/apps/v1/namespaces/shop/deployments". `all`: of all namespaces.
  struct Place {
    Resource resource;
    std::string target;
    std::string space;
  };
  Answer<Place> place(const Kind& kind, const std::string& space, bool all = false) const;
  // Tells what is served instead, where a server does not know a kind that every Kubernetes has.
  Failure explained(Failure failure, const Kind& kind) const;

private:
  Client(std::shared_ptr<Session> session, std::shared_ptr<Discovery> discovery, Limits limits);
  Answer<Json> ask(const Name& name, const std::string& subresource, Ask ask, const char* verb) const;

  std::shared_ptr<Session> session_;
  std::shared_ptr<Discovery> discovery_;
  Limits limits_;
};

}  // namespace msctl::kubernetes::api
