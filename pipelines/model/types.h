// The pipeline of a workspace, before it is written for any system: jobs, and which of them wait for which.
//
// Each service has jobs of its own, and no job of one service waits for a job of another: a service is tested
// and released alone, whatever the others do.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/toolchain/language.h"

namespace msctl::pipeline {

enum class Kind {
  test,         // linters, the service's own tests, and that its image can be built
  integration,  // the tests of the running service, with its needs behind the gateway
  push          // builds the image and pushes it
};
std::string_view kind_name(Kind kind);

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
  std::string environment;            // whose registry it pushes to; empty: none
  std::string registry;               // "registry.example/shop"
  std::vector<Toolchain> toolchains;  // by language's name
  std::vector<std::string> packages;  // of Debian, beside those of the toolchains
  std::vector<std::string> reports;   // JUnit XML, from the workspace's root

  std::string short_name() const { return id.substr(service.size() + 1); }  // without its service: "test"
};

// Where the jobs get msctl.
struct Source {
  std::string
      archive;  // a URL of a .tar.gz with bin/msctl below one folder; empty: the system's variables say
  std::string sha256;  // in hexadecimal
};

struct Pipeline {
  std::string workspace;
  std::string trunk;  // the branch that is released from
  base::Duration timeout{};
  Source msctl;
  std::string image;  // that jobs run in, where a system runs them in containers; empty: the pinned one
  std::string cache_url;
  std::vector<std::string> services;  // those that have jobs
  std::vector<Job> jobs;              // by service; within one, in the order in which they run

  const Job* find(std::string_view id) const;
  std::vector<const Job*> of(std::string_view service) const;
};

}  // namespace msctl::pipeline
