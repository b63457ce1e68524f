// The run's life: open everything, start the supervisor, go round the loop, and end. After the events of each
// round the supervisor's next deadline is set, the logs are written, and those who wait are answered.
#include "runtime/local/run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <csignal>
#include <thread>
#include <utility>

#include "runtime/base/names.h"
#include "runtime/local/guard/journal.h"
#include "runtime/local/loop/ports.h"

namespace msctl::local {
namespace {

std::vector<ServiceSpec> specs(const std::vector<PlannedService>& services) {
  std::vector<ServiceSpec> out;
  for (const PlannedService& service : services) out.push_back(service.spec);
  return out;
}

int processors() {
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

// How long a request waits for a service that has not been ready yet: longer than most take to start, and not
// so long that somebody who waits in vain takes the gateway for dead.
constexpr base::Duration waking_patience = std::chrono::seconds(2);

// And for one whose replicas are all being replaced.
constexpr base::Duration replacing_patience = std::chrono::seconds(60);

// "redis://cache.example:6379/0" → "cache.example:6379"
std::string authority(const std::string& url) {
  std::size_t from = url.find("://");
  from = from == std::string::npos ? 0 : from + 3;
  return url.substr(from, url.find('/', from) - from);
}

}  // namespace

Run::Run(const base::Clock& clock, RunOptions options)
    : clock_(clock),
      options_(std::move(options)),
      guard_(loop_, std::move(options_.guard),
             {[this](std::uint64_t id, pid_t pid) { on_spawned(id, pid); },
              [this](std::uint64_t id, int error) { on_refused(id, error); },
              [this](std::uint64_t id, int status) { on_ended(id, status); }, [this] { on_guard_lost(); }}),
      logs_(options_.paths.logs()),
      prober_(loop_),
      builder_(
          loop_, guard_,
          {[this](const std::string& service, const std::string& output, std::optional<base::Error> failure) {
             if (failure && options_.observer.build_failed) options_.observer.build_failed(service, output);
             supervisor_.build_ended(service, std::move(failure));
           },
           options_.observer.build_line},
          processors()),
      supervisor_(clock, *this, options_.policy, specs(options_.services)) {
  for (const PlannedService& service : options_.services) service_names_.insert(service.spec.name);
}

Run::~Run() = default;

base::Result<void> Run::open() {
  if (auto opened = open_gateway(); !opened) return opened;
  return open_needs();
}

base::Result<void> Run::open_gateway() {
  RecorderOptions recorder{.file = options_.record, .changed = {}};
  if (!options_.replaced_after_changes.empty())
    recorder.changed = [this](const std::string& service) { on_change(service); };
  auto started = RunGateway::start({options_.gateway, options_.paths.logs(), std::move(recorder)});
  if (!started) return std::unexpected(started.error());
  gateway_ = *std::move(started);
  for (const PlannedService& service : options_.services)
    if (service.spec.external)
      gateway_->set_endpoints({{service.spec.name, {{authority(service.url), service.spec.name}}}});
  begin_waking();
  return {};
}

// Who asks while the run comes up gets the service's answer when it is there, not a refusal.
void Run::begin_waking() {
  for (const PlannedService& service : options_.services)
    if (!service.spec.external && waking_.insert(service.spec.name).second)
      gateway_->close_gate(service.spec.name, waking_patience);
}

void Run::end_waking() {
  given_up_.assign(waking_.begin(), waking_.end());
}

base::Result<void> Run::open_needs() {
  for (const PlannedService& caller : options_.services)
    for (const std::string& need : caller.spec.needs) {
      const PlannedService& called = planned(need);
      std::string& url = need_urls_[{caller.spec.name, need}];
      url = called.url;
      if (called.spec.external) continue;
      if (!forwarder_) forwarder_ = std::make_unique<Forwarder>();
      auto port = forwarder_->add(need);
      if (!port) return std::unexpected(port.error());
      url = fmt::format("{}://127.0.0.1:{}", called.scheme.empty() ? "http" : called.scheme, *port);
    }
  return {};
}

base::Result<void> Run::open_control() {
  auto admin = socket_path(options_.paths, "admin");
  if (!admin) return std::unexpected(admin.error());
  if (auto opened = gateway_->open_admin(*admin); !opened) return opened;
  auto path = socket_path(options_.paths, "control");
  if (!path) return std::unexpected(path.error());
  auto server = ControlServer::listen(loop_, *path, [this](const ControlRequest& request, auto answer) {
    on_request(request, std::move(answer));
  });
  if (!server) return std::unexpected(server.error());
  control_ = std::move(*server);
  return write_state(options_.paths, {::getpid(), options_.paths.id, *path, gateway_->url(),
                                      base::to_rfc3339(clock_.wall())});
}

base::Result<base::Exit> Run::run() {
  if (options_.signals >= 0) loop_.watch(options_.signals, EPOLLIN, [this](std::uint32_t) { on_signal(); });
  supervisor_.start();
  after_events();
  // Only now: the guard starts the first processes in the meantime.
  if (auto opened = open_control(); !opened) {
    fatal_ = opened.error();
    begin_end();
  }
  loop_.run([this] { after_events(); });
  if (options_.signals >= 0) loop_.forget(options_.signals);
  ::unlink(options_.paths.state().c_str());
  if (fatal_) return std::unexpected(*fatal_);
  return signals_seen_ > 0 ? base::Exit::interrupted : base::Exit::ok;
}

void Run::after_events() {
  deliver_probes();
  tell_gateway();
  open_gates();
  logs_.flush();
  settle();
  answer_waiters();
  end_if_finished();
  set_timer();
  guard_.flush();
  if (options_.observer.round) options_.observer.round();
}

// Answers may ask for further checks, whose answers may be there at once.
void Run::deliver_probes() {
  while (!probe_answers_.empty()) {
    std::vector<std::function<void()>> answers;
    answers.swap(probe_answers_);
    for (const auto& answer : answers) answer();
  }
}

void Run::tell_gateway() {
  std::vector<std::string> awake;
  for (const auto& [service, endpoints] : endpoints_)
    if (!endpoints.empty() && waking_.erase(service) > 0) awake.push_back(service);
  for (std::string& service : given_up_)
    if (waking_.erase(service) > 0) awake.push_back(std::move(service));
  given_up_.clear();
  if (gateway_ && !endpoints_.empty()) gateway_->set_endpoints(endpoints_);
  if (gateway_ && !awake.empty()) gateway_->open_gates(awake);
  if (gateway_ && changed_) gateway_->tell_services(supervisor_.services());
  endpoints_.clear();
  changed_ = false;
}

// From a thread of the gateway: the gate is closed before the client can send its next request.
void Run::on_change(const std::string& service) {
  if (!options_.replaced_after_changes.contains(service)) return;
  {
    std::lock_guard lock(changes_mutex_);
    if (!std::has_single_bit(++changes_[service])) return;
  }
  gateway_->close_gate(service, replacing_patience);
  loop_.post([this, service] { replace(service); });
}

void Run::replace(const std::string& service) {
  if (supervisor_.stopping() || !being_replaced_.insert(service).second) return;
  gateway_->close_gate(
      service, replacing_patience);  // a replacement before this one may have opened it in the meantime
  (void)supervisor_.restart({service}, Supervisor::Pace::at_once);
}

void Run::open_gates() {
  std::erase_if(being_replaced_, [&](const std::string& name) {
    const Service& service = *std::as_const(supervisor_).find(name);
    bool there = service.desired > 0 && supervisor_.ready_count(service) >= service.desired;
    bool wait = !there && !service.failure && !service.stopped && !supervisor_.stopping();
    if (!wait) gateway_->open_gates({name});
    return !wait;
  });
}

void Run::set_timer() {
  auto deadline = supervisor_.deadline();
  if (deadline == timer_at_) return;
  if (timer_at_) loop_.cancel(timer_);
  timer_at_ = deadline;
  if (!deadline) return;
  timer_ = loop_.at(*deadline, [this] {
    timer_at_.reset();
    supervisor_.tick();
  });
}

void Run::settle() {
  if (settled_ || supervisor_.stopping()) return;
  std::optional<base::Error> failure = supervisor_.hopeless(service_names_);
  if (!failure && !supervisor_.all_ready()) return;
  settled_ = true;
  if (options_.observer.settled) options_.observer.settled(status(), failure);
}

void Run::on_signal() {
  while (options_.take_signal().has_value()) {
    if (signals_seen_++ == 0)
      begin_end();
    else
      supervisor_.kill_all();
  }
}

void Run::request_stop() {
  loop_.post([this] { begin_end(); });
}

void Run::begin_end() {
  end_waking();
  builder_.cancel();
  supervisor_.stop_all();
}

void Run::end_if_finished() {
  if (ending_ || !supervisor_.finished() || !builder_.idle()) return;
  ending_ = true;
  guard_.shutdown();
  gateway_.reset();  // while the guard looks for what is left
}

// The end of the guard is the end of the run, wanted or not.
void Run::on_guard_lost() {
  if (!ending_) {
    guard::kill_journalled(options_.paths.journal());
    fatal_ = base::fail(base::Code::guardLost, "the guard of the run was killed; the services were ended",
                        "msctl run")
                 .error();
  }
  for (const Waiter& waiter : waiters_)
    if (waiter.whole_run) waiter.answer->send(200, "{}");
  control_.reset();
  loop_.stop();
}

void Run::resume_output() {
  loop_.post([this] {
    paused_ = false;
    for (auto& [id, process] : processes_) process.output->resume();
  });
}

}  // namespace msctl::local
