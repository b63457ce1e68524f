#include "gateway/admin/admin.h"

#include <unistd.h>

#include "gateway/admin/http_server.h"
#include "gateway/admin/listener.h"

namespace msctl::gateway::admin {
namespace {

class Running final : public Admin {
public:
  Running(Listener listener, Sources sources)
      : sources_(std::move(sources)),
        address_(std::move(listener.address)),
        file_(std::move(listener.file)),
        server_(std::move(listener.socket), [this](std::string_view path) { return answer(path); }) {}

  ~Running() override {
    if (!file_.empty()) ::unlink(file_.c_str());
  }

  std::string address() const override { return address_; }

private:
  Answer answer(std::string_view path) const {
    if (path == "/metrics") return {200, "text/plain; version=0.0.4; charset=utf-8", sources_.metrics()};
    if (path == "/health/live") return {200, "text/plain", "live\n"};
    if (path == "/health/ready")
      return sources_.ready() ? Answer{200, "text/plain", "ready\n"}
                              : Answer{503, "text/plain", "draining\n"};
    if (path == "/config") return {200, "application/yaml", sources_.config()};
    if (path == "/routes") return {200, "application/json", sources_.routes()};
    if (path == "/traffic" && sources_.traffic) return {200, "application/json", sources_.traffic()};
    return {404, "text/plain",
            "there are /metrics, /traffic, /health/live, /health/ready, /config and /routes\n"};
  }

  Sources sources_;
  std::string address_, file_;
  HttpServer server_;  // the last: its thread uses the others
};

}  // namespace

base::Result<std::unique_ptr<Admin>> Admin::start(const config::Admin& at, Sources sources) {
  auto listener = at.socket.empty() ? listen_on_address(at.address) : listen_on_socket(at.socket);
  if (!listener) return std::unexpected(listener.error());
  return std::make_unique<Running>(*std::move(listener), std::move(sources));
}

}  // namespace msctl::gateway::admin
