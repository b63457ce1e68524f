// One local run, from the first process to the last: joins the supervisor (which decides) with the guard, the
// health checks, the listeners of needs, the gateway, the logs and the control socket (which act), in one
// thread's loop.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/local/builder.h"
#include "runtime/local/control/server.h"
#include "runtime/local/gateway/run_gateway.h"
#include "runtime/local/guard/client.h"
#include "runtime/local/logs/store.h"
#include "runtime/local/needs/forwarder.h"
#include "runtime/local/output.h"
#include "runtime/local/plan.h"
#include "runtime/local/probe/prober.h"
#include "runtime/local/state/paths.h"
#include "runtime/local/supervisor/supervisor.h"
#include "runtime/release/orchestrator.h"

namespace msctl::local {

// Who wants to see what happens; called in the run's thread, and must not wait.
struct Observer {
  std::function<void(const Event&)> event;
  std::function<void(const release::LogLine&)> log;  // empty: nobody reads along
  std::function<void(const std::string& service, const std::string& output)> build_failed;
  std::function<void(const std::string& service, std::string_view line)> build_line;
  // Once, when every service is ready or one has failed for good.
  std::function<void(const release::Status&, const std::optional<base::Error>& failure)> settled;
  // Whether log lines should wait; the run then calls nothing until resume_output().
  std::function<bool()> full;
  // After each round of the loop: what was told since the last one came at once.
  std::function<void()> round;
};

struct RunOptions {
  std::string workspace;  // its name
  std::vector<PlannedService> services;
  RunPaths paths;
  guard::Started guard;
  gateway::config::Config gateway;
  std::string record;  // a file for the exchanges with replicas; empty: none
  // Services whose replicas are all replaced after a request that changed something, while the gateway holds
  // what comes: what they keep in their processes is lost at once. After the 1st, 2nd, 4th, 8th … change.
  std::set<std::string> replaced_after_changes;
  Policy policy;
  Observer observer;
  int signals = -1;  // readable when take_signal has one
  std::function<std::optional<int>()> take_signal;
};

class Run final : private Effects {
public:
  Run(const base::Clock& clock, RunOptions options);
  ~Run() override;
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  // Opens what the services depend on: the gateway, and a listener for each need. Nothing has been started
  // where it fails.
  base::Result<void> open();

  // Until every process is gone. `interrupted` after a signal, `ok` after a stop that was asked for.
  base::Result<base::Exit> run();

  release::Status status() const;

  // From any thread: ask for the end; go on reading output.
  void request_stop();
  void resume_output();

private:
  struct Process {
    std::string service, replica;
    int restarts = 0;
    std::unique_ptr<ProcessOutput> output;
  };
  struct Waiter {
    std::vector<std::string> services;
    bool for_ready = false;
    bool whole_run = false;  // of a stop: answered at the very end
    std::shared_ptr<ControlServer::Answer> answer;
  };

  // Effects
  void build(const std::string& service) override;
  int start(const Replica& replica) override;
  void terminate(const Replica& replica) override;
  void kill(const Replica& replica) override;
  void probe(const Replica& replica, Probe what, base::Duration timeout) override;
  void balance(const std::string& service, const std::vector<const Replica*>& ready) override;
  void report(const Event& event) override;

  // What the guard tells.
  void on_spawned(std::uint64_t id, pid_t pid);
  void on_refused(std::uint64_t id, int error);
  void on_ended(std::uint64_t id, int wait_status);
  void on_guard_lost();

  base::Result<void> open_gateway();
  base::Result<void> open_needs();
  base::Result<void> open_control();
  const PlannedService& planned(const std::string& service) const;
  std::vector<std::string> environment(const PlannedService& service, int port) const;
  void on_line(const Process& process, bool is_error, std::string_view text);
  void on_signal();
  void on_request(const ControlRequest& request, std::shared_ptr<ControlServer::Answer> answer);
  base::Result<void> obey(const ControlRequest& request,
                          const std::shared_ptr<ControlServer::Answer>& answer);

  void after_events();
  void deliver_probes();
  void tell_gateway();
  void answer_waiters();
  void on_change(const std::string& service);
  void replace(const std::string& service);
  void open_gates();
  void begin_waking();
  void end_waking();
  void settle();
  void set_timer();
  void begin_end();
  void end_if_finished();

  const base::Clock& clock_;
  RunOptions options_;
  Loop loop_;
  guard::Client guard_;
  LogStore logs_;
  Prober prober_;
  std::unique_ptr<Forwarder> forwarder_;
  std::unique_ptr<RunGateway> gateway_;
  std::unique_ptr<ControlServer> control_;
  Builder builder_;
  Supervisor supervisor_;

  std::set<std::string> service_names_;
  std::mutex changes_mutex_;  // the counts are the gateway's threads'
  std::map<std::string, std::uint64_t> changes_;
  std::set<std::string> being_replaced_;
  std::set<std::string> waking_;  // services that have not been ready yet, and whose requests wait for that
  std::vector<std::string> given_up_;  // of them those that something befell: nobody waits for them any more
  // What the gateway is told at the end of a round.
  gateway::server::Gateway::Endpoints endpoints_;
  bool changed_ = true;  // a state or a count
  std::map<std::uint64_t, Process> processes_;
  std::map<std::pair<std::string, std::string>, std::string> need_urls_;  // caller, need
  std::vector<std::function<void()>> probe_answers_;  // delivered after the events of a round
  std::vector<Waiter> waiters_;
  std::optional<base::Instant> timer_at_;
  Loop::Timer timer_;
  bool paused_ = false;
  bool settled_ = false;
  bool ending_ = false;  // the guard was told to end
  int signals_seen_ = 0;
  std::optional<base::Error> fatal_;
};

}  // namespace msctl::local
