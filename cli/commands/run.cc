// run: the services of the workspace and the gateway, on this machine.
//
// The order matters: the lock before anything is touched, the guard before there is a thread, the model then.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>
#include <ostream>
#include <random>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/join/run_view.h"
#include "cli/join/test_run.h"
#include "cli/join/workspace.h"
#include "cli/output/document.h"
#include "runtime/local/run.h"
#include "runtime/system/processes.h"
#include "runtime/workspace/to_gateway.h"
#include "scaffolds/embedded.h"

namespace msctl::cli::commands {
namespace {

struct Options {
  std::vector<std::string> services;
  bool detach = false;
  bool isolated = false;
  bool build = true;
  bool verbose = false;
  std::optional<int> gateway_port;
  std::string record;  // absolute; empty: nothing is recorded
  bool stateless = false;
};

// Of each service that is to show that it keeps nothing in its processes.
constexpr int kReplicasToCompare = 3;

Options read_options(const Context& context, const Arguments& arguments) {
  Options options;
  options.services = arguments.words("SERVICE");
  options.detach = arguments.on("detach");
  options.isolated = arguments.on("isolated");
  options.build = !arguments.on("no-build");
  options.verbose = arguments.on("verbose");
  if (arguments.given("gateway-port"))
    options.gateway_port = static_cast<int>(arguments.integer("gateway-port"));
  if (arguments.given("record")) options.record = context.path(arguments.text("record"));
  options.stateless = arguments.on("stateless");
  return options;
}

// What a run holds from its first moment to its last.
struct Held {
  local::RunPaths paths;
  base::Fd lock;
  local::guard::Started guard;
};

std::string random_id() {
  std::random_device random;
  return fmt::format("{:06x}", random() & 0xffffffu);
}

base::Result<Held> hold(const Context& context, const Options& options) {
  auto root = workspace::find_root(context.folder);
  if (!root) return std::unexpected(root.error());
  Held held;
  held.paths = local::run_paths(*root, options.isolated ? random_id() : "");
  auto lock = local::take_lock(held.paths);
  if (!lock) return std::unexpected(lock.error());
  held.lock = std::move(*lock);
  int ended = local::clean_up(held.paths);
  if (!options.isolated) local::clean_up_isolated(*root);
  if (ended > 0) context.err << fmt::format("ended {} processes that an earlier run had left\n", ended);
  local::guard::GuardOptions guarding;
  guarding.journal = held.paths.journal();
  guarding.lock = held.lock.get();
  guarding.remove = {held.paths.state(), held.paths.journal()};
  for (const char* which : {"control", "admin"}) {
    auto socket = local::socket_path(held.paths, which);
    if (!socket) return std::unexpected(socket.error());
    guarding.remove.push_back(*socket);
  }
  auto guard = local::guard::start(guarding);
  if (!guard) return std::unexpected(guard.error());
  held.guard = std::move(*guard);
  // What is started by the guard keeps the limit that msctl was given.
  system::raise_descriptor_limit();
  return held;
}

gateway::config::Config gateway_config(const workspace::Workspace& workspace, const Options& options) {
  gateway::config::Config config = workspace::to_gateway(workspace);
  std::optional<int> port = options.gateway_port;
  if (!port && options.isolated) port = 0;
  if (port && !config.listeners.empty()) {
    std::string& address = config.listeners.front().address;
    address = address.substr(0, address.rfind(':') + 1) + std::to_string(*port);
  }
  // Two isolated runs must not fight over the other listeners either.
  if (options.isolated)
    for (std::size_t i = 1; i < config.listeners.size(); ++i) {
      std::string& address = config.listeners[i].address;
      address = address.substr(0, address.rfind(':') + 1) + "0";
    }
  return config;
}

// Several replicas, never two requests in succession to one of them, and all replaced after a change: state
// that a process keeps shows in the next answer.
void prove_stateless(const workspace::Workspace& workspace, const Options& options, local::RunOptions& run) {
  run.gateway.defaults.balancing = gateway::config::Balancing::alternate;
  for (local::PlannedService& service : run.services) {
    bool meant = options.services.empty() ||
                 std::ranges::find(options.services, service.spec.name) != options.services.end();
    if (!meant || service.spec.external || workspace.find(service.spec.name)->is_backing()) continue;
    service.spec.replicas = kReplicasToCompare;
    run.replaced_after_changes.insert(service.spec.name);
  }
}

std::expected<local::RunOptions, base::Errors> prepare(Context& context, const Options& options, Held& held) {
  auto workspace = join::load_workspace(context);
  if (!workspace) return std::unexpected(std::move(workspace.error()));
  auto languages = scaffolds::toolchains(workspace->languages());
  if (!languages) return std::unexpected(base::Errors{languages.error()});
  auto load = join::load_options(context);
  local::PlanOptions planning;
  planning.services = options.services;
  planning.build = options.build;
  planning.variable = [&](const std::string& name) {
    return workspace::variable(workspace->root, load, name);
  };
  planning.find_program = system::find_program;
  auto planned = local::plan(*workspace, *languages, planning);
  if (!planned) return std::unexpected(std::move(planned.error()));

  local::RunOptions out;
  out.workspace = workspace->name;
  out.services = std::move(*planned);
  out.paths = held.paths;
  out.guard = std::move(held.guard);
  out.gateway = gateway_config(*workspace, options);
  out.record = options.record;
  if (options.stateless) prove_stateless(*workspace, options, out);
  out.signals = context.signals.descriptor();
  out.take_signal = [&context] { return context.signals.take(); };
  return out;
}

std::vector<std::string> names_of(const local::RunOptions& run) {
  std::vector<std::string> out;
  for (const local::PlannedService& service : run.services) out.push_back(service.spec.name);
  return out;
}

// A run that another msctl started for a test ends with that one, however it ends.
void end_with_parent(const Context& context) {
  auto parent = context.variable(std::string(join::end_with_variable));
  if (!parent) return;
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (std::to_string(::getppid()) != *parent) ::raise(SIGTERM);
}

// The view goes after the run, which tells it things until its end; its threads must not call a run that is
// no more.
struct LetGo {
  join::RunView& view;
  ~LetGo() { view.let_go(); }
};

Outcome run_here(Context& context, const Options& options,
                 const std::function<void(base::Exit)>& tell_settled) {
  context.signals.watch({SIGINT, SIGTERM, SIGHUP});
  end_with_parent(context);
  auto held = hold(context, options);
  if (!held) return fail(held.error());
  auto prepared = prepare(context, options, *held);
  if (!prepared) return std::unexpected(std::move(prepared.error()));

  join::RunView view(context, {.logs = !options.detach, .verbose = options.verbose}, names_of(*prepared));
  local::Run* running = nullptr;
  view.start([&] { running->resume_output(); }, [&] { running->request_stop(); });
  prepared->observer = view.observer();
  if (options.detach)
    prepared->observer.settled = [&](const release::Status& status,
                                     const std::optional<base::Error>& failure) {
      view.drain();  // the streams are closed with this: what a failed build said must be out before
      output::print(
          context, release::to_json(status),
          [&](std::ostream& out) {
            out << fmt::format("{}\n", status.gateway.url);
            if (!held->paths.id.empty()) out << fmt::format("run {}\n", held->paths.id);
          },
          failure ? base::Errors{*failure} : base::Errors{});
      context.out.flush();
      tell_settled(failure ? base::Exit::failed : base::Exit::ok);
    };
  local::Run run(context.clock, std::move(*prepared));
  running = &run;
  const LetGo before_the_run_goes{view};
  if (auto opened = run.open(); !opened) return fail(opened.error());
  view.begin(held->paths.id, held->paths.logs());
  auto ended = run.run();
  if (!ended) return fail(ended.error());
  return *ended;
}

void close_standard_streams() {
  int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int standard : {0, 1, 2}) ::dup2(null, standard);
  ::close(null);
}

// The parent's part of --detach: waits for the child's word, passing on an interruption.
Outcome wait_for_detached(Context& context, pid_t child, int word) {
  context.signals.watch({SIGINT, SIGTERM});
  for (;;) {
    pollfd watched[2] = {{word, POLLIN, 0}, {context.signals.descriptor(), POLLIN, 0}};
    if (::poll(watched, 2, -1) < 0) continue;
    while (context.signals.take()) ::kill(child, SIGTERM);
    if (watched[0].revents == 0) continue;
    unsigned char status = 0;
    if (::read(word, &status, 1) == 1) return static_cast<base::Exit>(status);
    int ended = 0;
    ::waitpid(child, &ended, 0);
    if (context.signals.interrupted()) return base::Exit::interrupted;
    if (WIFEXITED(ended) && WEXITSTATUS(ended) == 0)
      return fail(base::fail(base::Code::waitImpossible, "the run was stopped before all was ready").error());
    return WIFEXITED(ended) ? static_cast<base::Exit>(WEXITSTATUS(ended)) : base::Exit::failed;
  }
}

// The child prints what there is to say, tells its status by one byte, and goes on without the terminal.
Outcome run_detached(Context& context, const Options& options) {
  int word[2];
  if (::pipe2(word, O_CLOEXEC) != 0)
    return fail(base::fail(base::Code::internal, "cannot make a pipe").error());
  context.out.flush();
  pid_t child = ::fork();
  if (child < 0) return fail(base::fail(base::Code::internal, "cannot fork").error());
  if (child != 0) {
    ::close(word[1]);
    return wait_for_detached(context, child, word[0]);
  }
  ::close(word[0]);
  ::setsid();
  return run_here(context, options, [&](base::Exit status) {
    close_standard_streams();
    auto byte = static_cast<unsigned char>(status);
    [[maybe_unused]] ssize_t n = ::write(word[1], &byte, 1);
    ::close(word[1]);
  });
}

Outcome run(Context& context, const Arguments& arguments) {
  Options options = read_options(context, arguments);
  return options.detach ? run_detached(context, options) : run_here(context, options, {});
}

}  // namespace

Command describe_run() {
  return {
      .path = "run",
      .section = Section::run,
      .summary = "run the services and the gateway on this machine",
      .description =
          "Builds what needs it, starts each service the moment its needs are ready, and opens the gateway "
          "in front. Services find `PORT` to listen on, and `NEED_URL` for each need, in their environment. "
          "A "
          "replica that ends by itself is started again, one that is not ready gets no requests. Who asks "
          "for a "
          "service that is still starting waits for it, two seconds at most.\n\n"
          "Ctrl-C stops all in reverse order; a second Ctrl-C kills. Nothing outlives msctl, however it "
          "ends.",
      .arguments = {services_argument("only these, and what they need")},
      .flags = {{.name = "detach",
                 .letter = 'd',
                 .doc = "return when all are ready (status 0) or one has failed for good (1); the run stays"},
                {.name = "isolated", .doc = "run beside another run of this workspace, on a free port"},
                {.name = "gateway-port",
                 .value = "N",
                 .kind = Kind::integer,
                 .doc = "where the gateway's first listener listens; 0 takes a free port",
                 .minimum = 0,
                 .maximum = 65535},
                {.name = "no-build", .doc = "start what is there, without building"},
                {.name = "record",
                 .value = "FILE",
                 .kind = Kind::file,
                 .doc = "write each request to a service and its answer there, as the service sees them, one "
                        "JSON object a line; without cookies and Authorization"},
                {.name = "stateless",
                 .doc =
                     "three replicas of each service named, successive requests never to the same one, and "
                     "all replaced after a change: what a service keeps in its process shows"},
                verbose_flag()},
      .examples = {{"msctl run", "everything, until Ctrl-C"},
                   {"msctl run --detach -o json", "in the background; prints the status when all are ready"},
                   {"msctl run orders --isolated", "orders and its needs, beside another run"}},
      .exits = {{base::Exit::failed, "a service failed for good (`--detach`)"},
                {base::Exit::config, "the workspace has errors"},
                {base::Exit::unavailable, "the gateway's port is taken, or a program is missing"},
                {base::Exit::temporary, "this workspace is running already"},
                {base::Exit::interrupted, "ended by Ctrl-C"}},
      .run = run};
}

}  // namespace msctl::cli::commands
