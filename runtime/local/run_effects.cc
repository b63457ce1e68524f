// What the supervisor decides, done; and what comes of it, told to the supervisor.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "runtime/base/names.h"
#include "runtime/local/loop/ports.h"
#include "runtime/local/run.h"
#include "runtime/system/processes.h"

namespace msctl::local {
namespace {

void replace_all(std::string& text, std::string_view what, const std::string& with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
}

toolchain::Argv fill_in(toolchain::Argv argv, int port, const std::string& name) {
  for (std::string& each : argv) {
    replace_all(each, "$PORT", std::to_string(port));
    replace_all(each, "$NAME", name);
  }
  return argv;
}

}  // namespace

const PlannedService& Run::planned(const std::string& service) const {
  return *std::ranges::find_if(options_.services,
                               [&](const PlannedService& s) { return s.spec.name == service; });
}

std::vector<std::string> Run::environment(const PlannedService& service, int port) const {
  std::map<std::string, std::string> env = service.env;
  env["PORT"] = std::to_string(port);
  env["SERVICE_NAME"] = service.spec.name;
  for (const std::string& need : service.spec.needs)
    env[base::need_variable(need)] = need_urls_.at({service.spec.name, need});
  std::vector<std::string> out;
  for (const auto& [name, value] : env) out.push_back(name + "=" + value);
  return out;
}

void Run::build(const std::string& service) {
  builder_.build(planned(service));
}

int Run::start(const Replica& replica) {
  const PlannedService& service = planned(replica.service);
  std::uint64_t instance = replica.instance;
  auto refuse = [&](base::Error error) {
    probe_answers_.push_back([this, instance, error] { supervisor_.refused(instance, error); });
    return 0;
  };
  auto port = free_port();
  if (!port) return refuse(port.error());
  Process& process = processes_[instance];
  process.service = replica.service;
  process.replica = replica.id();
  process.restarts = replica.restarts;
  process.output = std::make_unique<ProcessOutput>(
      loop_, [this, &process](bool is_error, std::string_view text) { on_line(process, is_error, text); });
  auto ends = process.output->open();
  if (!ends) {
    processes_.erase(instance);
    return refuse(ends.error());
  }
  // What stood before a first start is told by nothing: only a restart parts the log in two.
  if (replica.restarts > 0)
    logs_.add(replica.service,
              {base::to_rfc3339(clock_.wall()), process.replica, "started", replica.restarts, 's'});

  std::string name = fmt::format("msctl-{}-{}-{}", options_.workspace, process.replica, *port);
  guard::SpawnRequest request;
  request.id = instance;
  request.folder = service.folder;
  request.argv = fill_in(service.run, *port, name);
  request.cleanup = fill_in(service.cleanup, *port, name);
  request.environment = environment(service, *port);
  request.marks = {"SERVICE_NAME=" + replica.service, "PORT=" + std::to_string(*port)};
  guard_.spawn(request, std::move(ends->output), std::move(ends->error));
  return *port;
}

void Run::terminate(const Replica& replica) {
  guard_.signal(replica.instance, SIGTERM);
}
void Run::kill(const Replica& replica) {
  guard_.kill(replica.instance);
}

void Run::probe(const Replica& replica, Probe what, base::Duration timeout) {
  const workspace::Health& health = planned(replica.service).health;
  std::uint64_t instance = replica.instance;
  prober_.probe(replica.port, what == Probe::ready ? health.ready : health.live, timeout,
                [this, instance, what](const ProbeAnswer& answer) {
                  probe_answers_.push_back([this, instance, what, answer] {
                    supervisor_.probed(instance, what, answer.ok, answer.what);
                  });
                });
}

void Run::balance(const std::string& service, const std::vector<const Replica*>& ready) {
  std::vector<gateway::config::Endpoint> endpoints;
  std::vector<int> ports;
  for (const Replica* replica : ready) {
    endpoints.push_back({fmt::format("127.0.0.1:{}", replica->port), replica->id()});
    ports.push_back(replica->port);
  }
  endpoints_[service] = std::move(endpoints);  // told to the gateway once a round
  if (forwarder_) forwarder_->set_ports(service, std::move(ports));
}

void Run::report(const Event& event) {
  changed_ = true;
  const bool comes_up = event.kind == Event::Kind::building || event.kind == Event::Kind::built ||
                        event.kind == Event::Kind::starting || event.kind == Event::Kind::ready;
  if (!comes_up && waking_.contains(event.service)) given_up_.push_back(event.service);
  if (options_.observer.event) options_.observer.event(event);
}

void Run::on_spawned(std::uint64_t id, pid_t pid) {
  if ((id & Builder::kIdBit) == 0) supervisor_.spawned(id, pid);
}

void Run::on_refused(std::uint64_t id, int error) {
  if ((id & Builder::kIdBit) != 0) return builder_.refused(id, error);
  auto node = processes_.extract(id);
  if (node.empty()) return;
  const PlannedService& service = planned(node.mapped().service);
  bool missing = error == ENOENT && service.run.front().find('/') == std::string::npos;
  base::Error failure;
  failure.code = missing ? base::Code::toolMissing : base::Code::startFailed;
  failure.message = fmt::format("{} cannot be started: {}: {}", node.mapped().service, service.run.front(),
                                std::strerror(error));
  if (error == ENOENT && !missing)
    failure.suggestion = "is it built? 'run' in service.yaml is relative to the service's folder";
  supervisor_.refused(id, std::move(failure));
}

void Run::on_ended(std::uint64_t id, int wait_status) {
  if ((id & Builder::kIdBit) != 0) return builder_.ended(id, wait_status);
  auto found = processes_.find(id);
  if (found == processes_.end()) return;
  found->second.output->finish();
  std::string last_words = found->second.output->last_words();
  processes_.erase(found);
  supervisor_.ended(id, system::describe_exit(wait_status), last_words);
}

void Run::on_line(const Process& process, bool is_error, std::string_view text) {
  std::string at = base::to_rfc3339(clock_.wall());
  logs_.add(process.service, {at, process.replica, text, process.restarts, is_error ? 'e' : 'o'});
  const Observer& observer = options_.observer;
  if (!observer.log) return;
  observer.log({at, process.service, process.replica, is_error ? "stderr" : "stdout", std::string(text)});
  if (paused_ || !observer.full || !observer.full()) return;
  paused_ = true;
  // Not from within the reading of one of them.
  loop_.post([this] {
    if (paused_)
      for (auto& [id, each] : processes_) each.output->pause();
  });
}

}  // namespace msctl::local
