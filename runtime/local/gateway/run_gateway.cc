#include "runtime/local/gateway/run_gateway.h"

#include <fmt/format.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "gateway/admin/routes.h"
#include "gateway/config/print.h"
#include "runtime/base/yaml/write.h"
#include "runtime/local/loop/ports.h"

namespace msctl::local {
namespace {

int port_of(const std::string& address) {
  std::size_t colon = address.rfind(':');
  return colon == std::string::npos ? 0 : std::atoi(address.c_str() + colon + 1);
}

base::Error port_taken(base::Error error, const gateway::config::Config& config) {
  error.code = base::Code::portTaken;
  for (const auto& listener : config.listeners) {
    std::string owner = owner_of_port(port_of(listener.address));
    if (owner.empty()) continue;
    error.message = fmt::format("the gateway cannot listen on {}: {} does", listener.address, owner);
    break;
  }
  error.suggestion = "--gateway-port 0 takes a free port";
  return error;
}

}  // namespace

base::Result<std::unique_ptr<RunGateway>> RunGateway::start(RunGatewayOptions options) {
  std::unique_ptr<RunGateway> out(new RunGateway(options));
  if (auto opened = out->open(std::move(options)); !opened) return std::unexpected(opened.error());
  return out;
}

RunGateway::~RunGateway() = default;

base::Result<void> RunGateway::open(RunGatewayOptions options) {
  config_ = std::move(options.config);
  gateway::server::Options serving;
  if (config_.access_log) serving.access_log = [this](std::string_view lines) { access_.write(lines); };
  if (!options.recorder.file.empty() || options.recorder.changed) {
    auto recorder = Recorder::open(std::move(options.recorder));
    if (!recorder) return std::unexpected(recorder.error());
    recorder_ = *std::move(recorder);
    serving.witness = recorder_.get();
  }
  auto started = gateway::server::Gateway::start(config_, std::move(serving));
  if (!started && started.error().code == base::Code::gatewayCannotListen)
    return std::unexpected(port_taken(started.error(), config_));
  if (!started) return std::unexpected(started.error());
  gateway_ = *std::move(started);
  return {};
}

base::Result<void> RunGateway::open_admin(const std::string& socket) {
  gateway::config::Admin at = config_.admin.value_or(gateway::config::Admin{.address = {}, .socket = socket});
  auto admin = gateway::admin::Admin::start(
      at, {.metrics = [this] { return gateway_->metrics() + metrics_.text(); },
           .ready = [] { return true; },
           .config = [this] { return yaml::write(gateway::config::to_json(config_)); },
           .routes = [this] { return gateway::admin::routes_json(config_).dump(2) + "\n"; }});
  if (!admin) return std::unexpected(admin.error());
  admin_ = *std::move(admin);
  return {};
}

void RunGateway::set_endpoints(const gateway::server::Gateway::Endpoints& of_upstreams) {
  gateway_->set_endpoints(of_upstreams);
}

std::string RunGateway::url() const {
  std::vector<std::string> addresses = gateway_->addresses();
  if (addresses.empty()) return {};
  std::string address = addresses.front();
  if (address.starts_with("0.0.0.0:")) address.replace(0, 7, "127.0.0.1");
  if (address.starts_with("[::]:")) address.replace(0, 4, "[::1]");
  return "http://" + address;
}

}  // namespace msctl::local
