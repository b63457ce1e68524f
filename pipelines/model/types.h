// The pipeline of a workspace, before it is written for any system: jobs, and which of them wait for which.
//
// Each service has jobs of its own, and no job of one service waits for a job of another: a service is tested
// and released alone, whatever the others do.
#pragma once

#include <string>
#include <vector>

#include "pipelines/model/pins.h"
#include "runtime/base/clock.h"
#include "runtime/toolchain/language.h"

namespace msctl::pipeline {

enum class Kind {
  test,         // linters, the service's own tests, and that its image can be built
  integration,  // the tests of the running service, with its needs behind the gateway
  push,         // builds the image and pushes it
  deploy        // to an environment's cluster
};
std::string_view kind_name(Kind kind);

// A word of a command that stands for the commit that the pipeline runs for, 40 hex digits.
inline constexpr std::string_view commit_word = "{commit}";

// One command of a job.
struct Task {
  std::string name;  // "lint"
  toolchain::Argv argv;
};

// A toolchain that must be there, and a service that needs it: its files say which version.
struct Toolchain {
  const toolchain::Language* language;
  std::string folder;  // from the workspace's root
};

struct Job {
  std::string id;  // "orders-test"
  Kind kind = Kind::test;
  std::string service;
  std::vector<std::string> after;     // ids of jobs that have to end well before
  std::vector<Task> tasks;            // in order; the first that fails ends the job
  std::vector<std::string> paths;     // globs from the root: a change of one of these begins the job
  bool through_needs = false;         // also a change of what the service needs
  bool trunk_only = false;            // not for a pull request: it has secrets, or changes something outside
  bool approval = false;              // waits until a person says yes
  std::string environment;            // whose registry it pushes to, or that it deploys to; empty: none
  std::string registry;               // "registry.example/shop"
  std::vector<Toolchain> toolchains;  // by language's name
  std::vector<std::string> packages;  // of Debian, beside those of the toolchains
  std::vector<std::string> reports;   // JUnit XML, from the workspace's root

  std::string short_name() const { return id.substr(service.size() + 1); }  // without its service: "test"
  // Whether msctl's kept results are of use to it.
  bool keeps_results() const { return kind == Kind::test || kind == Kind::push; }
  bool needs_commit() const;  // `commit_word` stands in one of its commands
};

// Where the jobs get msctl.
struct Source {
  std::string
      archive;  // a URL of a .tar.gz with bin/msctl below one folder; empty: the system's variables say
  std::string sha256;  // in hexadecimal
};

// Those that are not there yet, in their order.
void append(std::vector<std::string>& to, const std::vector<std::string>& more);

struct Pipeline {
  std::string workspace;
  std::string trunk;  // the branch that is released from
  base::Duration timeout{};
  Source msctl;
  std::string image;  // that jobs run in, where a system runs them in containers; empty: the pinned one
  Pins pins;          // of what is taken from elsewhere
  std::string cache_url;
  std::vector<std::string> services;  // those that have jobs
  std::vector<Job> jobs;              // by service; within one, in the order in which they run

  const Job* find(std::string_view id) const;
  std::vector<const Job*> of(std::string_view service) const;
  bool has(Kind kind) const;
  void resolve(const std::string& commit);      // puts it in the place of `commit_word`
  const Pin& pin(std::string_view name) const;  // must be one of them
};

}  // namespace msctl::pipeline
