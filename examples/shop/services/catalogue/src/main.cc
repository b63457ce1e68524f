// The service's process: joins the parts, waits for a signal, ends in order.
#include <algorithm>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "api/api.h"
#include "config.h"
#include "http/server.h"
#include "problem.h"
#include "redis_store.h"

namespace {

constexpr int usage_error = 64;
// The process ends a little before the grace period does, because then a SIGKILL comes.
constexpr std::chrono::milliseconds safety_margin{200};

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

std::optional<app::Config> read_config() {
  auto loaded = app::load_config(environment);
  if (auto* config = std::get_if<app::Config>(&loaded)) return std::move(*config);
  for (const std::string& error : std::get<std::vector<std::string>>(loaded))
    std::fprintf(stderr, "%s\n", error.c_str());
  return std::nullopt;
}

// Before any thread is made: all inherit it, so that only sigwait gets these signals.
sigset_t block_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

int serve(const app::Config& config, app::Store& store) {
  const sigset_t signals = block_signals();
  app::Log log(config.service_name, config.log_level, app::to_stdout);
  app::Metrics metrics;
  std::atomic<bool> draining{false};
  app::Api api(store, log, metrics, [&] { return draining.load(); });
  const auto refuse = [](int status, const std::string& detail) { return app::problem(status, detail); };
  app::http::Server server([&](const app::http::Request& request) { return api.handle(request); }, refuse);

  const int port = server.bind(config.host, config.port);
  server.start();
  log.write(app::Level::info, "listening", nullptr, {{"address", config.host + ":" + std::to_string(port)}});

  int signal = 0;
  sigwait(&signals, &signal);
  const auto end = std::chrono::steady_clock::now() + config.grace_period -
                   std::min(safety_margin, config.grace_period / 2);
  log.write(app::Level::info, "shutting down");
  draining = true;
  server.drain();
  std::this_thread::sleep_for(config.drain_delay);
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
  if (!server.stop(std::max(left, std::chrono::milliseconds(0)))) {
    log.write(app::Level::error, "the grace period ended before the requests did");
    std::_Exit(1);  // their threads still run
  }
  log.write(app::Level::info, "stopped");
  return 0;
}

}  // namespace

int main() {
  const auto config = read_config();
  if (!config) return usage_error;
  std::optional<app::RedisStore> store;
  try {
    store.emplace(config->redis_url);
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "REDIS_URL: %s\n", error.what());
    return usage_error;
  }
  try {
    return serve(*config, *store);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
