// The model of a workspace: msctl.yaml, its overlay for one environment, and every service.yaml, validated.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gateway/config/types.h"
#include "runtime/base/clock.h"
#include "runtime/base/error.h"
#include "runtime/workspace/recipe.h"

namespace msctl::workspace {

// How readiness and liveness are asked: a GET of a path that answers 200 to 399, or, with an empty path, a
// TCP connect.
struct Health {
  std::string ready;
  std::string live;
};

struct Resources {
  std::optional<std::int64_t> cpu;     // thousandths of a core: request
  std::optional<std::int64_t> memory;  // bytes: request and limit
};

struct ScaleTarget {
  std::optional<double> cpu, memory;  // percent of the request
  std::optional<double> requests_per_second, concurrency;
  std::optional<base::Duration> latency_p95;
};

struct Scale {
  int min = 1;
  int max = 1;
  ScaleTarget target;
};

// Argument vectors, never a shell's line. Empty: the language's default.
struct Commands {
  std::vector<std::string> build, test, lint, run, integration;
};

// Runs once in the service's own image, around the deploy of a version.
struct Job {
  enum class When : std::uint8_t {
    before,  // the first replica of the new version starts
    after    // all replicas of the new version are ready
  };
  std::string name;              // its own within the service
  std::vector<std::string> run;  // argv within the image
  When when = When::before;
  base::Duration timeout = std::chrono::minutes(5);  // for all tries together
  int retries = 0;                                   // after the first one has failed
};

struct Service {
  std::string name;
  std::string folder;    // absolute
  std::string relative;  // to the workspace's root: "services/orders"
  std::string file;      // service.yaml, relative to the root
  std::string language;  // cpp, go, …, none; empty for a backing service
  std::vector<std::string> needs;
  Commands commands;
  std::map<std::string, std::string> env;
  std::vector<std::string> secrets;
  std::vector<std::string> variables;  // that its steps see besides those of its language: NAME or PREFIX*
  std::vector<std::string> uses;       // folders, relative to the root
  Health health;
  Resources resources;
  int replicas = 1;
  std::optional<Scale> scale;
  std::vector<Job> jobs;  // in the order in which they run
  std::vector<gateway::config::Route> routes;
  std::string scheme = "http";   // of <NEED>_URL
  std::optional<Recipe> recipe;  // of its image, instead of its language's
  // A backing service has one or more of these instead of a language.
  std::vector<std::string> command;  // argv, $PORT replaced
  std::string image;
  int image_port = 0;  // the port that the image's process listens on
  std::string url;     // somewhere else entirely
  base::Location at;

  bool is_backing() const { return language.empty(); }
  int initial_replicas() const { return scale ? scale->min : replicas; }
};

// Where the values of secrets come from when an environment is deployed to.
struct SecretSource {
  enum class Kind {
    cluster,   // a Secret of the service's name, which somebody has made there
    sops,      // a file, opened by the program sops
    variables  // the environment variables of whoever deploys
  };
  Kind kind = Kind::cluster;
  std::string file, shown;  // of sops: absolute, and as it is written
  std::string pattern;      // of variables: "{SERVICE}_{NAME}"
};

struct Environment {
  std::string name;
  std::string kubernetes_context;
  std::string kubernetes_namespace;
  std::string registry;
  bool approval = false;  // pipelines deploy to it only when a person has said yes
  SecretSource secrets;
};

// Of results.
struct Cache {
  std::uint64_t size = std::uint64_t{1} << 30;  // bytes kept on this machine
  std::string url;                              // where they are shared; empty: nowhere
};

// What the generated pipelines are told (`pipelines` in msctl.yaml).
struct Pipelines {
  std::vector<std::string> systems;
  std::string trunk = "main";                         // the branch that is released from
  base::Duration timeout = std::chrono::minutes(30);  // of a job
  std::string archive, sha256;        // where the jobs get msctl; empty: the system's variables say
  std::string image;                  // that jobs run in, where they run in containers
  std::vector<std::string> packages;  // of Debian, that jobs need besides
};

struct Workspace {
  std::string name;
  std::string root;               // absolute
  std::vector<Service> services;  // by name
  gateway::config::Config gateway;
  std::vector<Environment> environments;
  Pipelines pipelines;
  Cache cache;
  std::map<std::string, std::string> image_bases;  // by language, or of one service by its name

  std::vector<std::string> service_patterns;  // as stated under `services`

  const Service* find(std::string_view service) const;
  std::vector<std::string> service_names() const;
  std::set<std::string> languages() const;  // "none" among them
};

}  // namespace msctl::workspace
