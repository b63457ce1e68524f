#include "gateway/admin/admin.h"

#include <fmt/format.h>
#include <httplib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstring>
#include <thread>

namespace msctl::gateway::admin {
namespace {

constexpr std::size_t threads = 2;
constexpr time_t patience_seconds = 5;  // with a client that sends or reads nothing

bool somebody_listens(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return true;
  bool connected = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return connected;
}

class Running final : public Admin {
 public:
  explicit Running(Sources sources) : sources_(std::move(sources)) {
    server_.new_task_queue = [] { return new httplib::ThreadPool(threads); };
    server_.set_read_timeout(patience_seconds);
    server_.set_write_timeout(patience_seconds);
    server_.set_keep_alive_timeout(1);
    // Without SO_REUSEPORT, which the library sets otherwise: a second one must not share the port unnoticed.
    server_.set_socket_options([](socket_t fd) {
      int on = 1;
      setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    });
    serve();
  }

  ~Running() override {
    server_.stop();
    if (thread_.joinable()) thread_.join();
    if (!socket_.empty()) unlink(socket_.c_str());
  }

  base::Result<void> listen(const config::Admin& at) {
    auto bound = at.socket.empty() ? bind_address(at.address) : bind_socket(at.socket);
    if (!bound) return bound;
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    // stop() has no effect before the library's loop runs.
    while (!server_.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds{1});
    return {};
  }

  std::string address() const override { return address_; }

 private:
  void serve() {
    using httplib::Request, httplib::Response;
    server_.Get("/metrics", [this](const Request&, Response& response) {
      response.set_content(sources_.metrics(), "text/plain; version=0.0.4; charset=utf-8");
    });
    server_.Get("/health/live", [](const Request&, Response& response) { response.set_content("live\n", "text/plain"); });
    server_.Get("/health/ready", [this](const Request&, Response& response) {
      bool ready = sources_.ready();
      response.status = ready ? 200 : 503;
      response.set_content(ready ? "ready\n" : "draining\n", "text/plain");
    });
    server_.Get("/config", [this](const Request&, Response& response) { response.set_content(sources_.config(), "application/yaml"); });
    server_.Get("/routes", [this](const Request&, Response& response) { response.set_content(sources_.routes(), "application/json"); });
  }

  base::Result<void> bind_address(const std::string& text) {
    std::size_t colon = text.rfind(':');
    std::string host = text.substr(0, colon);
    if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
    int port = 0;
    std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
    if (port == 0) port = std::max(server_.bind_to_any_port(host), 0);
    else if (!server_.bind_to_port(host, port)) port = 0;
    if (port == 0)
      return base::fail(base::Code::gatewayCannotListen, fmt::format("the administrative interface cannot listen on {}", text),
                        "choose another address under 'admin'");
    address_ = fmt::format("{}:{}", text.substr(0, colon), port);
    return {};
  }

  base::Result<void> bind_socket(const std::string& path) {
    auto refused = [&](std::string_view why) {
      return base::fail(base::Code::gatewayCannotListen, fmt::format("the administrative interface cannot listen on {}: {}", path, why),
                        "choose another socket under 'admin'");
    };
    if (path.size() >= sizeof(sockaddr_un::sun_path)) return refused("the path is longer than a socket's may be");
    struct stat status {};
    if (lstat(path.c_str(), &status) == 0) {
      if (!S_ISSOCK(status.st_mode)) return refused("there is a file of that name, which is no socket");
      if (somebody_listens(path)) return refused("another process listens there");
      unlink(path.c_str());
    }
    server_.set_address_family(AF_UNIX);
    mode_t before = umask(0177);
    bool bound = server_.bind_to_port(path, 80);
    umask(before);
    if (!bound) return refused(std::strerror(errno));
    socket_ = address_ = path;
    return {};
  }

  Sources sources_;
  httplib::Server server_;
  std::thread thread_;
  std::string address_, socket_;
};

}  // namespace

base::Result<std::unique_ptr<Admin>> Admin::start(const config::Admin& at, Sources sources) {
  auto running = std::make_unique<Running>(std::move(sources));
  if (auto listening = running->listen(at); !listening) return std::unexpected(listening.error());
  return running;
}

}  // namespace msctl::gateway::admin
