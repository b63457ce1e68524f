#include "cli/cluster/external_metrics.h"

#include <ostream>
#include <utility>

#include "cli/cluster/environment.h"
#include "runtime/kubernetes/external_metrics/answer.h"

namespace msctl::cli::cluster {
namespace {

namespace external = kubernetes::external_metrics;

// Three small objects are read each time.
constexpr std::chrono::seconds look_every{10};

http::ClientOptions options() {
  http::ClientOptions out;
  out.connect_timeout = std::chrono::seconds(1);
  out.idle_timeout = std::chrono::seconds(2);
  return out;
}

}  // namespace

base::Result<std::unique_ptr<ExternalMetrics>> ExternalMetrics::start(Context& context,
                                                                      const ExternalMetricsAt& at) {
  auto own = connect_from_within(context);
  if (!own) return std::unexpected(own.error());
  auto system = connect_from_within(context, "kube-system");
  if (!system) return std::unexpected(system.error());
  std::unique_ptr<ExternalMetrics> out(new ExternalMetrics(context, at, *std::move(own), *std::move(system)));
  auto server = https::Server::start(
      at.address, [made = out.get()](const https::Request& request) { return made->answer(request); });
  if (!server) return std::unexpected(server.error());
  out->server_ = *std::move(server);
  out->thread_ = std::thread([made = out.get()] { made->keep(); });
  return out;
}

ExternalMetrics::ExternalMetrics(Context& context, const ExternalMetricsAt& at,
                                 std::unique_ptr<kubernetes::Cluster> own,
                                 std::unique_ptr<kubernetes::Cluster> system)
    : context_(context),
      own_(std::move(own)),
      system_(std::move(system)),
      keeper_({at.workspace, at.gateway, *own_, *system_}, context.clock),
      admin_port_(at.admin_port),
      replicas_(options()) {}

ExternalMetrics::~ExternalMetrics() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  ending_.notify_one();
  if (thread_.joinable()) thread_.join();
}

https::Answer ExternalMetrics::answer(const https::Request& request) {
  external::Replicas replicas(replicas_, external::resolve_all, admin_port_);
  external::Answer out = external::answer(
      request.path, request.query, [&](const external::Query& query) { return replicas.ask(query); },
      context_.clock);
  return {out.status, std::move(out.type), std::move(out.body)};
}

void ExternalMetrics::keep() {
  std::unique_lock lock(mutex_);
  do {
    lock.unlock();
    look();
    lock.lock();
  } while (!ending_.wait_for(lock, look_every, [this] { return ended_; }));
}

void ExternalMetrics::look() {
  const external::Keeper::State& state = keeper_.look();
  // What was not answered any more is nothing to tell of.
  if (context_.signals.interrupted()) return;
  for (const base::Error& each : state.news) context_.err << base::to_text(each) << std::flush;
  if (!state.can_serve()) return;
  const https::Credentials now{state.certificate->certificate, state.certificate->key,
                               state.front_proxy->authorities, state.front_proxy->names};
  if (now == used_) return;
  used_ = now;
  if (auto taken = server_->use(now); !taken) context_.err << base::to_text(taken.error()) << std::flush;
}

}  // namespace msctl::cli::cluster
