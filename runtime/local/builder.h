// Builds services with their own toolchains: the steps of one service one after the other, several services
// side by side, all as children of the guard, so that a build does not outlive msctl either.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "runtime/local/guard/client.h"
#include "runtime/local/output.h"
#include "runtime/local/plan.h"

namespace msctl::local {

class Builder {
public:
  // Ids of builds have this bit, those of replicas never do.
  static constexpr std::uint64_t kIdBit = std::uint64_t{1} << 63;

  struct Events {
    std::function<void(const std::string& service, const std::string& output,
                       std::optional<base::Error> failure)>
        ended;
    std::function<void(const std::string& service, std::string_view line)> line;
  };

  Builder(Loop& loop, guard::Client& guard, Events events, int parallel)
      : loop_(loop), guard_(guard), events_(std::move(events)), free_(parallel) {}

  void build(const PlannedService& service);
  void cancel();  // kills what runs; what was to come is forgotten
  bool idle() const { return running_.empty(); }

  // What the guard tells of an id with kIdBit.
  void refused(std::uint64_t id, int error);
  void ended(std::uint64_t id, int wait_status);

private:
  struct Job {
    const PlannedService* service = nullptr;
    std::size_t step = 0;
    std::string output;
    std::unique_ptr<ProcessOutput> pipes;
  };
  void start_next();
  void start_step(std::unique_ptr<Job> job);
  void done(std::unique_ptr<Job> job, std::optional<base::Error> failure);

  Loop& loop_;
  guard::Client& guard_;
  Events events_;
  int free_;
  std::uint64_t next_ = 0;
  bool cancelled_ = false;
  std::deque<std::unique_ptr<Job>> waiting_;
  std::map<std::uint64_t, std::unique_ptr<Job>> running_;
};

}  // namespace msctl::local
