#include "gateway/server/gateway.h"

#include <sys/resource.h>

#include <algorithm>
#include <condition_variable>
#include <latch>
#include <map>
#include <mutex>
#include <thread>

#include "gateway/server/listen.h"
#include "gateway/server/worker.h"

namespace msctl::gateway::server {
namespace {

// Descriptors that are not for clients: files, logs, listeners, the control of whoever embeds the gateway.
constexpr std::size_t reserved_descriptors = 64;

// Each client may need a connection to a replica.
std::size_t client_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  std::size_t all = std::min<std::size_t>(limit.rlim_cur, 1U << 22);
  std::size_t free = all > 2 * reserved_descriptors ? all - reserved_descriptors : all / 2;
  return std::max<std::size_t>(free / 2, 4);
}

class Running final : public Gateway {
public:
  Running(std::size_t threads, Options options) : shared_(threads) {
    shared_.client_limit = client_limit();
    shared_.witness = options.witness;
    if (options.access_log)
      shared_.access_log = std::make_unique<telemetry::AccessLog>(threads, std::move(options.access_log));
    for (std::size_t i = 0; i < threads; ++i) workers_.push_back(std::make_unique<Worker>(shared_, i));
  }

  ~Running() override {
    for (auto& worker : workers_) worker->reactor.stop();
    for (std::thread& thread : threads_) thread.join();
    // The reactors are at rest: what is left belongs to this thread now.
    workers_.clear();
  }

  base::Result<void> begin(config::Config config) {
    if (auto loaded = reload(std::move(config)); !loaded) return loaded;
    for (auto& worker : workers_) threads_.emplace_back([&worker] { worker->reactor.run(); });
    return {};
  }

  base::Result<void> reload(config::Config config) override {
    std::lock_guard lock(mutex_);
    // First everything that can fail, then the swap.
    auto endpoints = endpoints_of(config);
    if (!endpoints) return std::unexpected(endpoints.error());
    auto listeners = open_new_listeners(config);
    if (!listeners) return std::unexpected(listeners.error());
    auto snapshot = std::make_shared<const Snapshot>(std::move(config), shared_.filters, shared_.registry);
    // Those that are gone from the configuration are forgotten by the reactors themselves (Worker::adopt).
    std::erase_if(upstreams_, [&](const auto& each) { return !endpoints->contains(each.first); });
    apply_endpoints(*std::move(endpoints));
    on_all([&](Worker& worker, std::size_t) { worker.adopt(snapshot); });
    exchange_listeners(snapshot->config, *std::move(listeners));
    return {};
  }

  void set_endpoints(const Endpoints& of_upstreams) override {
    std::lock_guard lock(mutex_);
    std::map<std::string, Upstream> changes;
    for (const auto& [name, wanted] : of_upstreams) {
      auto found = upstreams_.find(name);
      if (found == upstreams_.end()) continue;
      // One that cannot be resolved is left out; the others serve.
      Upstream next{{}, true};
      for (const config::Endpoint& each : wanted)
        if (auto one = upstream::merge(found->second.endpoints, {each}); one)
          next.endpoints.push_back(one->front());
      changes.emplace(name, std::move(next));
    }
    apply_endpoints(std::move(changes));
  }

  void close_gate(const std::string& upstream, base::Duration patience) override {
    shared_.gate(upstream)->close(patience);
  }

  // The reactors take what they are told in order: endpoints that were set before are there then.
  void open_gates(const std::vector<std::string>& upstreams) override {
    for (const std::string& upstream : upstreams) shared_.gate(upstream)->open();
    tell_all([](Worker& worker, std::size_t) { worker.let_go(); });
  }

  std::vector<std::string> addresses() const override {
    std::lock_guard lock(mutex_);
    std::vector<std::string> result;
    for (const Listener& each : listeners_) result.push_back(each.address);
    return result;
  }

  std::string metrics() const override { return shared_.registry.text(); }

  traffic::AllTotals totals() const override { return shared_.registry.totals(); }

  void drain(base::Duration limit) override {
    auto state = std::make_shared<Draining>();
    state->left = workers_.size();
    {
      std::lock_guard lock(mutex_);
      listeners_.clear();
    }
    for (auto& worker : workers_) {
      worker->reactor.post([&worker = *worker, state] {
        worker.begin_drain([state] {
          std::lock_guard inner(state->mutex);
          --state->left;
          state->changed.notify_all();
        });
      });
    }
    {
      std::unique_lock inner(state->mutex);
      if (state->changed.wait_for(inner, limit, [&] { return state->left == 0; })) return;
    }
    on_all([](Worker& worker, std::size_t) { worker.cut(); });
  }

private:
  struct Listener {
    std::string stated, address;   // as configured; with the real port
    std::vector<int> descriptors;  // one for each worker, which owns it
  };
  struct Upstream {
    upstream::Endpoints endpoints;
    bool from_outside = false;  // set by set_endpoints
  };
  struct Draining {
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t left = 0;
  };

  // Runs on every reactor's thread, or here before there are threads.
  template <class Do>
  void tell_all(const Do& work) {
    for (std::size_t i = 0; i < workers_.size(); ++i)
      if (threads_.empty())
        work(*workers_[i], i);
      else
        workers_[i]->reactor.post([&worker = *workers_[i], i, work] { work(worker, i); });
  }

  // The same, and waits for it: a reactor never waits itself, so this takes one round.
  template <class Do>
  void on_all(const Do& work) {
    std::latch done(static_cast<std::ptrdiff_t>(workers_.size()));
    tell_all([&](Worker& worker, std::size_t i) {
      work(worker, i);
      done.count_down();
    });
    done.wait();
  }

  // Endpoints named in the configuration replace what there is; where it names none, those set from outside
  // stay.
  base::Result<std::map<std::string, Upstream>> endpoints_of(const config::Config& config) {
    std::map<std::string, Upstream> result;
    for (const config::Upstream& each : config.upstreams) {
      auto present = upstreams_.find(each.name);
      if (each.endpoints.empty() && present != upstreams_.end() && present->second.from_outside) {
        result[each.name] = present->second;
        continue;
      }
      auto merged = upstream::merge(
          present == upstreams_.end() ? upstream::Endpoints{} : present->second.endpoints, each.endpoints);
      if (!merged) return std::unexpected(merged.error());
      result[each.name].endpoints = *std::move(merged);
    }
    return result;
  }

  // Not waited for: a run of many services sets them once for each replica that becomes ready. The reactors
  // take what they are told in order, so that a configuration that comes later finds them.
  void apply_endpoints(std::map<std::string, Upstream> changes) {
    auto told = std::make_shared<std::vector<std::pair<std::string, upstream::Endpoints>>>();
    for (auto& [name, upstream] : changes) {
      told->emplace_back(name, upstream.endpoints);
      upstreams_[name] = std::move(upstream);
    }
    tell_all([told](Worker& worker, std::size_t) {
      for (const auto& [name, endpoints] : *told) worker.set_endpoints(name, endpoints);
    });
  }

  base::Result<std::vector<std::pair<std::string, ListeningSockets>>> open_new_listeners(
      const config::Config& config) {
    std::vector<std::pair<std::string, ListeningSockets>> opened;
    for (const config::Listener& each : config.listeners) {
      if (std::ranges::find(listeners_, each.address, &Listener::stated) != listeners_.end()) continue;
      auto sockets = ListeningSockets::open(each.address, workers_.size());
      if (!sockets) return std::unexpected(sockets.error());
      opened.emplace_back(each.address, *std::move(sockets));
    }
    return opened;
  }

  void exchange_listeners(const config::Config& config,
                          std::vector<std::pair<std::string, ListeningSockets>> opened) {
    std::vector<Listener> before = std::exchange(listeners_, {});
    for (const config::Listener& each : config.listeners) {
      if (auto kept = std::ranges::find(before, each.address, &Listener::stated); kept != before.end()) {
        listeners_.push_back(std::move(*kept));
        before.erase(kept);
      } else if (auto made = std::ranges::find(opened, each.address,
                                               &std::pair<std::string, ListeningSockets>::first);
                 made != opened.end()) {
        listeners_.push_back({each.address, made->second.address(), made->second.release()});
        opened.erase(made);
        on_all([&](Worker& worker, std::size_t i) { worker.listen(listeners_.back().descriptors[i]); });
      }
    }
    for (const Listener& gone : before)
      on_all([&](Worker& worker, std::size_t i) { worker.stop_listening(gone.descriptors[i]); });
  }

  Shared shared_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::thread> threads_;
  mutable std::mutex mutex_;  // of the control side; reactors never take it
  std::vector<Listener> listeners_;
  std::map<std::string, Upstream> upstreams_;
};

}  // namespace

base::Result<std::unique_ptr<Gateway>> Gateway::start(config::Config config, Options options) {
  std::size_t threads = options.threads > 0 ? static_cast<std::size_t>(options.threads)
                                            : std::max(1U, std::thread::hardware_concurrency());
  auto gateway = std::make_unique<Running>(threads, std::move(options));
  if (auto begun = gateway->begin(std::move(config)); !begun) return std::unexpected(begun.error());
  return gateway;
}

}  // namespace msctl::gateway::server
