// gateway run: the gateway alone, in the foreground, from a file.
//
// The file is watched (its folder is, since editors and Kubernetes replace files instead of writing into
// them). A changed one is taken in; a wrong one is refused, told on stderr, and the one before goes on
// serving.
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <mutex>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/arguments.h"
#include "cli/cluster/external_metrics.h"
#include "cli/cluster/following.h"
#include "cli/cluster/mirror.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/output/patient_writer.h"
#include "gateway/admin/admin.h"
#include "gateway/admin/routes.h"
#include "gateway/config/decode.h"
#include "gateway/server/gateway.h"
#include "gateway/traffic/document.h"
#include "gateway/traffic/sampler.h"
#include "runtime/base/file.h"
#include "runtime/kubernetes/endpoints/endpoints.h"
#include "runtime/system/processes.h"

namespace msctl::cli::commands {
namespace {

using gateway::config::Config;

// What a change brings: several events (write, rename, close); the file is read when they have come to rest.
constexpr int settle_milliseconds = 50;
constexpr int settle_rounds = 10;

std::string folder_of(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal().parent_path().string();
}

// The files beside the configuration that it was made of, with what stood in them.
std::string keys_of(const Config& config) {
  std::string out;
  for (const auto& provider : config.authentication)
    for (const auto& key : provider.keys)
      out += fmt::format("{} {} {} {}\n", provider.name, key.name, key.sha256, fmt::join(key.groups, ","));
  return out;
}

// Tells when something in one of several folders is written or replaced.
class FolderWatch {
public:
  FolderWatch() : fd_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}
  // A folder that is watched already is watched on.
  void add(const std::string& folder) {
    inotify_add_watch(fd_, folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE);
  }
  ~FolderWatch() {
    if (fd_ >= 0) close(fd_);
  }
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;
  int descriptor() const { return fd_; }
  // Not for ever: other files of the folder may be written all the time.
  void settle() {
    pollfd waiting{fd_, POLLIN, 0};
    for (int rounds = 0; rounds < settle_rounds; ++rounds) {
      std::array<char, 4096> events;
      while (read(fd_, events.data(), events.size()) > 0) {
      }
      if (poll(&waiting, 1, settle_milliseconds) <= 0) return;
    }
  }

private:
  int fd_;
};

struct Served {
  std::string path;
  int threads = 0;
  bool discover = false;   // the replicas are those that the cluster tells, instead of those in the file
  std::string config_map;  // whose file of the same name goes before the one at `path`; empty: none
  std::string external_metrics;  // where they are served for the cluster; empty: nowhere
  std::string workspace;         // that this is the gateway of, in a cluster
};

// The gateway with the file that it serves.
class Service {
public:
  Service(Context& context, Served served, FolderWatch& watch)
      : context_(context), served_(std::move(served)), watch_(watch) {}

  std::expected<void, base::Errors> start() {
    auto config = load();
    if (!config) return std::unexpected(config.error());
    auto admin_at = config->admin;
    gateway::server::Options options;
    options.threads = served_.threads;
    if (config->access_log) options.access_log = [this](std::string_view lines) { log_.write(lines); };
    auto started = gateway::server::Gateway::start(*std::move(config), std::move(options));
    if (!started) return std::unexpected(base::Errors{started.error()});
    gateway_ = *std::move(started);
    traffic_ =
        std::make_unique<gateway::traffic::Sampler>(context_.clock, [this] { return gateway_->totals(); });
    remember();
    if (served_.discover)
      if (auto found = discover(); !found) return found;
    if (!served_.config_map.empty())
      if (auto mirrored = mirror(); !mirrored) return mirrored;
    if (admin_at)
      if (auto admin = start_admin(*admin_at); !admin) return admin;
    return served_.external_metrics.empty() ? std::expected<void, base::Errors>{} : start_external_metrics();
  }

  // `asked`: by SIGHUP, so that it is taken in even when the file is the same (the files of keys may not be).
  void reload(bool asked) {
    std::string before = in_force(), keys_before = keys_;
    auto config = load();
    if (!asked && config && candidate_ == before && candidate_keys_ == keys_before) return;
    base::Errors errors = config ? base::Errors{} : config.error();
    if (config)
      if (auto taken = gateway_->reload(*std::move(config)); !taken) errors.push_back(taken.error());
    tell_endpoints();
    if (!errors.empty()) return refuse(errors);
    remember();
    context_.err << "gateway: took in " << name() << "\n" << std::flush;
    if (gateway_->addresses() != told_) tell_addresses();
  }

  void tell_addresses() {
    told_ = gateway_->addresses();
    for (const std::string& address : told_)
      context_.err << "gateway: listening on http://" << address << "\n";
    if (admin_) context_.err << "gateway: administrative interface on " << admin_->address() << "\n";
    if (external_metrics_)
      context_.err << "gateway: external metrics on https://" << external_metrics_->address() << "\n";
    context_.err << std::flush;
  }

  void drain(base::Duration limit) {
    ready_ = false;
    gateway_->drain(limit);
    log_.end_soon();
  }

private:
  std::expected<Config, base::Errors> load() {
    const std::string path = newest();
    auto text = base::read_file(path);
    if (!text) return std::unexpected(base::Errors{text.error()});
    candidate_ = *std::move(text);
    watch_.add(folder_of(path));
    auto config = gateway::config::load_text(candidate_, name(), folder_of(path));
    if (!config) return config;
    candidate_keys_ = keys_of(*config);
    for (const auto& provider : config->authentication) watch_.add(folder_of(provider.keys_file));
    candidate_routes_ = gateway::admin::routes_json(*config).dump(2) + "\n";
    return config;
  }

  // Where the configuration is read that is to be in force.
  std::string newest() const {
    const std::string folder = mirror_ ? mirror_->newest() : std::string{};
    return folder.empty()
               ? served_.path
               : fmt::format("{}/{}", folder, std::filesystem::path(served_.path).filename().string());
  }
  // As a person knows it.
  std::string name() const {
    if (!mirror_ || mirror_->newest().empty()) return served_.path;
    return fmt::format("ConfigMap/{}/{}", served_.config_map,
                       std::filesystem::path(served_.path).filename().string());
  }

  std::expected<void, base::Errors> discover() {
    auto started = cluster::Following::start(
        context_, [this](kubernetes::Cluster& cluster, const std::function<bool()>& go_on) {
          return kubernetes::follow_endpoints(
              cluster,
              [this](const kubernetes::Endpoints& endpoints) {
                {
                  std::lock_guard lock(mutex_);
                  endpoints_ = endpoints;
                }
                tell_endpoints();
              },
              go_on);
        });
    if (!started) return std::unexpected(base::Errors{started.error()});
    discovery_ = *std::move(started);
    return {};
  }

  std::expected<void, base::Errors> mirror() {
    auto made = cluster::Mirror::make();
    if (!made) return std::unexpected(base::Errors{made.error()});
    mirror_ = *std::move(made);
    watch_.add(mirror_->folder());
    if (auto followed = mirror_->follow(context_, served_.config_map); !followed)
      return std::unexpected(base::Errors{followed.error()});
    return {};
  }

  // Also after each new configuration, which begins with the addresses that stand in it.
  void tell_endpoints() {
    std::lock_guard lock(mutex_);
    if (!endpoints_.empty()) gateway_->set_endpoints(endpoints_);
  }

  std::expected<void, base::Errors> start_admin(const gateway::config::Admin& at) {
    gateway::admin::Sources sources{.metrics = [this] { return gateway_->metrics(); },
                                    .ready = [this] { return ready_.load(); },
                                    .config = [this] { return in_force(); },
                                    .routes = [this] { return routes(); },
                                    .traffic = [this] { return to_json(traffic_->traffic()); }};
    auto admin = gateway::admin::Admin::start(at, std::move(sources));
    if (!admin) return std::unexpected(base::Errors{admin.error()});
    admin_ = *std::move(admin);
    return {};
  }

  // The gateway's own port is that of all others: msctl writes their configurations.
  std::expected<void, base::Errors> start_external_metrics() {
    const std::string address = admin_ ? admin_->address() : "";
    int port = 0;
    if (const std::size_t colon = address.rfind(':'); colon != std::string::npos)
      std::from_chars(address.data() + colon + 1, address.data() + address.size(), port);
    if (port == 0 || served_.workspace.empty() || served_.config_map.empty())
      return std::unexpected(base::Errors{
          base::fail(
              base::Code::usage,
              "--external-metrics needs --workspace, --config-map and, in FILE, an address under 'admin'")
              .error()});
    auto started = cluster::ExternalMetrics::start(
        context_, {served_.external_metrics, served_.workspace, served_.config_map, port});
    if (!started) return std::unexpected(base::Errors{started.error()});
    external_metrics_ = *std::move(started);
    return {};
  }

  void refuse(const base::Errors& errors) {
    base::Error refused;
    refused.code = base::Code::gatewayReloadRefused;
    refused.message = fmt::format("{} was not taken in; the configuration before it goes on serving", name());
    std::string text = base::to_text(refused);
    for (const base::Error& error : errors) text += base::to_text(error);
    context_.err << text << std::flush;
  }

  void remember() {
    std::lock_guard lock(mutex_);
    text_ = candidate_;
    keys_ = candidate_keys_;
    routes_ = candidate_routes_;
  }
  std::string in_force() {
    std::lock_guard lock(mutex_);
    return text_;
  }
  std::string routes() {
    std::lock_guard lock(mutex_);
    return routes_;
  }

  Context& context_;
  Served served_;
  FolderWatch& watch_;
  std::mutex mutex_;  // of what the administrative interface reads
  std::string text_, routes_;
  kubernetes::Endpoints endpoints_;
  std::string candidate_, candidate_routes_, candidate_keys_, keys_;
  std::vector<std::string> told_;
  std::atomic<bool> ready_{true};
  output::PatientWriter log_{STDOUT_FILENO};
  std::unique_ptr<gateway::server::Gateway> gateway_;
  std::unique_ptr<gateway::traffic::Sampler> traffic_;
  std::unique_ptr<gateway::admin::Admin> admin_;
  std::unique_ptr<cluster::Mirror> mirror_;
  std::unique_ptr<cluster::ExternalMetrics> external_metrics_;
  std::unique_ptr<cluster::Following> discovery_;  // ends first: it speaks to the gateway
};

// Until a signal ends it; gives that signal.
int serve(Context& context, Service& service, FolderWatch& watch) {
  while (true) {
    std::array<pollfd, 2> waiting{
        {{context.signals.descriptor(), POLLIN, 0}, {watch.descriptor(), POLLIN, 0}}};
    poll(waiting.data(), waiting.size(), -1);
    while (auto signal = context.signals.take()) {
      if (*signal != SIGHUP) return *signal;
      service.reload(true);
    }
    if ((waiting[1].revents & POLLIN) != 0) {
      watch.settle();
      service.reload(false);
    }
  }
}

Outcome run(Context& context, const Arguments& arguments) {
  context.signals.watch({SIGINT, SIGTERM, SIGHUP});
  system::raise_descriptor_limit();
  FolderWatch watch;
  Service service(context,
                  {.path = context.path(arguments.text("config")),
                   .threads = static_cast<int>(arguments.integer("threads")),
                   .discover = arguments.on("kubernetes"),
                   .config_map = arguments.text("config-map"),
                   .external_metrics = arguments.text("external-metrics"),
                   .workspace = arguments.text("workspace")},
                  watch);
  if (auto started = service.start(); !started) return std::unexpected(started.error());
  service.tell_addresses();
  int signal = serve(context, service, watch);
  context.err << "gateway: ending\n" << std::flush;
  service.drain(arguments.duration("grace"));
  return signal == SIGINT ? base::Exit::interrupted : base::Exit::ok;
}

}  // namespace

Command describe_gateway_run() {
  return {
      .path = "gateway run",
      .section = Section::gateway,
      .summary = "run the gateway alone, from a file",
      .description =
          "Serves the configuration in FILE until SIGTERM, which lets the requests under way end. A changed "
          "file is taken in by itself, SIGHUP takes it in again; a wrong one is refused, with its errors on "
          "stderr, and the one before goes on. No request is lost by it.\n\nThe access log goes to stdout, "
          "one "
          "JSON object a line.",
      .flags =
          {{.name = "config",
            .value = "FILE",
            .kind = Kind::file,
            .doc = "the gateway's configuration",
            .fallback = "gateway.yaml"},
           {.name = "threads",
            .value = "N",
            .kind = Kind::integer,
            .doc = "threads that serve; 0: one for each processor",
            .fallback = "0",
            .minimum = 0,
            .maximum = 1024},
           {.name = "kubernetes",
            .doc = "within a cluster: balance over the replicas of the Services that the upstreams are named "
                   "after, as EndpointSlices tell them"},
           {.name = "config-map",
            .value = "NAME",
            .doc =
                "within a cluster: as soon as this ConfigMap has another file of FILE's name, take that in, "
                "with the files beside it"},
           {.name = "external-metrics",
            .value = "ADDRESS:PORT",
            .doc = "within a cluster: serve external.metrics.k8s.io there for its API server, so that "
                   "autoscalers can scale by requests; needs `--workspace` and `--config-map`"},
           {.name = "workspace",
            .value = "NAME",
            .doc = "within a cluster: the workspace that this is the gateway of"},
           {.name = "grace",
            .value = "DURATION",
            .kind = Kind::duration,
            .doc = "how long requests under way may take when it ends",
            .fallback = "10s"}},
      .examples = {{"msctl gateway run --config gateway.yaml", "serve it, on all processors"},
                   {"msctl gateway run --config gateway.yaml --threads 1", "on one thread"}},
      .exits = {{base::Exit::ok, "ended by SIGTERM"},
                {base::Exit::config, "the file is wrong"},
                {base::Exit::unavailable, "an address cannot be listened on"},
                {base::Exit::interrupted, "ended by Ctrl-C"}},
      .run = run};
}

}  // namespace msctl::cli::commands
