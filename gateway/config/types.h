// The gateway's configuration as plain values: what `schema.cc` describes, `decode.cc` reads, `check.cc`
// judges as a whole, and `print.cc` writes. The data plane compiles it once into a snapshot and never looks
// at it again while serving.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/error.h"

namespace msctl::gateway::config {

using base::Duration;
using namespace std::chrono_literals;

// Where a gateway listens whose configuration names no listener.
inline constexpr std::string_view default_listener = "127.0.0.1:8080";

struct Listener {
  std::string address;  // "127.0.0.1:8080", "[::1]:8080"; port 0 takes a free one
};

// What a client may send, and how slowly. Breaking one gives 431, 413 or 408.
struct Limits {
  Duration header_timeout = 10s;      // from the first byte of a request to the end of its header
  Duration body_timeout = 30s;        // for the whole body; longer only while at least 1 KiB/s arrives
  Duration keep_alive_timeout = 75s;  // between requests
  std::uint64_t header_bytes = 64 * 1024;
  std::uint64_t body_bytes = 8 * 1024 * 1024;
};

struct ApiKey {
  std::string name;    // the consumer
  std::string sha256;  // of the key, 64 hex digits, lower case
  std::vector<std::string> groups;
};

// One way to authenticate.
struct Provider {
  std::string name;
  std::string header = "X-API-Key";
  std::string keys_file;  // as stated; the keys below were read from it
  std::vector<ApiKey> keys;
};

// Which providers a route asks for: any of them, or all of them. No names: the route is public.
struct Authentication {
  bool all = false;
  std::vector<std::string> providers;
  bool is_public() const { return providers.empty(); }
};

// GCRA: `quota` at once, then evenly so that `quota` pass in `window`.
struct RateLimit {
  enum class By { consumer, address, header, route };
  std::uint64_t quota = 0;
  Duration window{};
  By by = By::address;
  std::string header;  // for By::header
};

// Conditions, all of which must hold. Paths: "/a" exact, "/a/**" a prefix at a segment boundary, "/a/{id}"
// one segment.
struct Match {
  std::string path;
  std::vector<std::string> methods;                          // empty: any
  std::string host;                                          // "shop.example", "*.shop.example", empty: any
  std::vector<std::pair<std::string, std::string>> headers;  // name (any case), exact value
  std::vector<std::pair<std::string, std::string>> query;
};

// Values may hold {client.address}, {consumer.name}, {request.id}, {path.NAME}, {upstream.replica}. The order
// of work: remove, rename, set, add.
struct HeaderEdits {
  std::vector<std::pair<std::string, std::string>> set, add, rename;  // rename: from, to
  std::vector<std::string> remove;
  bool empty() const { return set.empty() && add.empty() && rename.empty() && remove.empty(); }
};

struct RequestEdits {
  std::string strip_prefix;    // "/orders": removed from the path, at a segment boundary
  std::string replace_prefix;  // put in front after that
  HeaderEdits headers;
};

struct Respond {
  int status = 200;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

// A part of a route's requests that goes to another upstream.
struct Share {
  std::string upstream;
  double percent = 0;
  base::Location at;
};

struct Route {
  std::string name;
  Match match;
  std::string upstream;      // exactly one of upstream and respond
  std::vector<Share> split;  // at most 100 % in all; the rest is the upstream's
  std::optional<Respond> respond;
  std::optional<Authentication> authentication;  // absent: the default's
  std::optional<RateLimit> rate_limit;
  RequestEdits request;
  HeaderEdits response;
  std::optional<Duration> timeout;       // to the upstream's response head; absent: the default's
  std::optional<Duration> idle_timeout;  // then between bytes; absent: the default's
  // For errors: of the route's path, and of what refers to something else.
  base::Location at, at_authentication, at_rate_limit, at_upstream;
};

// Which replica takes the next request. `alternate`: never the one that took the last request, over all
// threads, while there is another; for tests of whether a service keeps state in its processes.
enum class Balancing { least_request, alternate };

struct Defaults {
  Authentication authentication;
  Balancing balancing = Balancing::least_request;
  Duration timeout = 5s;
  Duration connect_timeout = 1s;
  Duration idle_timeout = 60s;
  base::Location at_authentication;  // for errors
};

struct Endpoint {
  std::string address;  // "127.0.0.1:9001"
  std::string replica;  // its id: {upstream.replica}; defaults to the address
};

struct Upstream {
  std::string name;
  std::vector<Endpoint> endpoints;  // empty when they come from outside (local run, cluster)
  base::Location at;
};

// Where the administrative interface listens: metrics, health, the configuration in force. Nowhere unless
// stated.
struct Admin {
  std::string address;
  std::string socket;  // path of a Unix socket
};

struct Config {
  std::vector<Listener> listeners;
  Limits limits;
  std::vector<Provider> authentication;
  Defaults defaults;
  std::vector<Route> routes;  // in the order of the file
  std::vector<Upstream> upstreams;
  std::optional<Admin> admin;
  std::vector<std::string> trusted_proxies;  // CIDR
  bool access_log = true;
};

}  // namespace msctl::gateway::config
