#include "cli/join/results.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <utility>

#include "cli/flags.h"
#include "cli/join/depends.h"
#include "runtime/base/threads.h"
#include "runtime/toolchain/junit.h"

namespace msctl::cli::join {
namespace {

constexpr std::size_t most_reasons = 5;

}  // namespace

ResultOptions result_options(const Arguments& arguments) {
  return {.use = !arguments.on("no-cache"),
          .explain = arguments.on("explain"),
          .verbose = arguments.on("verbose"),
          .progress = arguments.text("progress")};
}

std::vector<Flag> with_result_flags(std::vector<Flag> flags) {
  flags.push_back({.name = "no-cache", .doc = "run everything, whatever results are kept"});
  flags.push_back({.name = "explain", .doc = "say of each service why it is run, or why not"});
  flags.push_back(verbose_flag());
  flags.push_back(progress_flag());
  return flags;
}

struct Results::Task {
  const Kept* asked;
  cache::Task depends;
  std::optional<std::vector<std::string>> environment;
  std::optional<cache::Inputs> inputs;  // nothing: the result cannot be kept
  std::string key, cases;
  toolchain::Outcome outcome;
  Provenance provenance;

  const workspace::Service& service() const { return *asked->subject->service; }
};

Results::Results(Context& context, const workspace::Workspace& workspace, ResultOptions options)
    : context_(context),
      workspace_(workspace),
      options_(std::move(options)),
      folder_(cache_folder(context)),
      store_(folder_, files_),
      tools_(folder_ + "/tools", files_, processes_, system::find_program) {
  signing_key_ = context.variable("MSCTL_CACHE_KEY").value_or("");
  if (!workspace.cache.url.empty()) share(workspace.cache.url);
  looking_ = std::async(std::launch::async, [root = workspace.root] { return cache::Tree::look(root); });
}

void Results::share(const std::string& url) {
  auto parsed = http::parse_url(url);
  if (!parsed) return;  // which loading has told
  http::ClientOptions options;
  options.connect_timeout = std::chrono::seconds(3);
  options.idle_timeout = std::chrono::seconds(20);
  client_ = std::make_unique<http::Client>(std::move(options));
  remote_ = std::make_unique<cache::Remote>(*client_, *std::move(parsed),
                                            context_.variable("MSCTL_CACHE_TOKEN").value_or(""));
}

Results::~Results() {
  if (!folder_.empty()) tools_.save();
}

KeptRun Results::run(std::string_view kind, const std::vector<Kept>& asked) {
  std::vector<Task> all = tasks(kind, asked);
  const base::Result<cache::Tree> tree = looking_.get();
  // A server is waited for, not computed with.
  constexpr std::size_t tasks_a_thread = 10, questions_at_once = 8;
  const std::size_t threads = remote_ ? std::min(questions_at_once, std::max<std::size_t>(all.size(), 1))
                                      : base::threads_for(all.size(), tasks_a_thread);
  base::on_threads(threads, all.size(), [&](std::size_t, std::size_t i) { look_up(all[i], tree); });

  std::vector<toolchain::Job> jobs;
  for (const Task& task : all) {
    if (options_.explain) explain(task);
    if (task.provenance.cached) {
      if (options_.verbose) print_output(context_, task.outcome);
      continue;
    }
    std::error_code ignored;
    std::filesystem::remove_all(task.asked->report, ignored);  // of an earlier run
    jobs.push_back({task.service().name, task.service().folder, task.asked->steps, task.environment});
  }
  StepsRun ran =
      run_steps(context_, jobs, kind == "lint" ? "lint" : "tests", options_.verbose, options_.progress);

  KeptRun out;
  out.interrupted = ran.interrupted;
  std::size_t next = 0;
  for (Task& task : all) {
    if (task.provenance.cached) continue;
    task.outcome = std::move(ran.outcomes[next++]);
    if (!task.asked->report.empty()) task.cases = toolchain::cases_at(task.asked->report);
  }
  keep(all);
  if (remote_ && !remote_->trouble().empty()) context_.err << remote_->trouble() << '\n';
  for (Task& task : all) {
    out.outcomes.push_back(std::move(task.outcome));
    out.provenance.push_back(std::move(task.provenance));
    out.cases.push_back(std::move(task.cases));
  }
  return out;
}

// What is asked of each service, with what it depends on but its files.
std::vector<Results::Task> Results::tasks(std::string_view kind, const std::vector<Kept>& asked) {
  Depends depends(context_, workspace_, tools_);
  std::vector<Task> out;
  for (const Kept& each : asked) {
    Task task;
    task.asked = &each;
    Dependence dependence = depends.of(task.service(), kind, each.steps);
    task.environment = std::move(dependence.environment);
    task.depends = std::move(dependence.task);
    out.push_back(std::move(task));
  }
  return out;
}

void Results::look_up(Task& task, const base::Result<cache::Tree>& tree) {
  auto& because = task.provenance.because;
  if (!tree || folder_.empty()) {
    because = {tree ? "neither XDG_CACHE_HOME nor HOME says where results can be kept"
                    : tree.error().message};
    return;
  }
  auto inputs = cache::inputs_of(task.service(), task.depends, *tree);
  if (!inputs) {
    because = {inputs.error().message};
    return;
  }
  task.key = cache::key_of(*inputs);
  task.inputs = std::move(*inputs);
  auto entry = options_.use ? find(task) : std::nullopt;
  if (!entry) {
    if (!options_.explain || !because.empty()) return;
    auto last = store_.last(place(task));
    if (!options_.use)
      because = {"it was asked for anew"};
    else if (!last)
      because = {"it has not passed here yet"};
    else
      because = cache::differences(*last, *task.inputs, most_reasons);
    if (because.empty()) because = {"its result is no longer kept"};
    return;
  }
  task.provenance.cached = true;
  if (options_.explain)
    because = {fmt::format("nothing has changed since it passed, after {:.1f} s", seconds(entry->took))};
  task.outcome.service = task.service().name;
  task.outcome.ok = true;
  task.outcome.output = std::move(entry->output);
  task.cases = std::move(entry->cases);
}

// Here, or where results are shared; from there it is kept here, too.
std::optional<cache::Entry> Results::find(Task& task) {
  const auto refuse = [&](const base::Error& error) {
    task.provenance.because.push_back("its result is not taken: " + error.message);
  };
  if (auto bytes = store_.get(task.key)) {
    auto entry = cache::read_entry(*bytes, task.key, signing_key_);
    if (entry) return std::move(*entry);
    refuse(entry.error());
    store_.remove(task.key);
  }
  auto bytes = remote_ ? remote_->get(task.key) : std::nullopt;
  if (!bytes) return std::nullopt;
  auto entry = cache::read_entry(*bytes, task.key, signing_key_);
  if (!entry) {
    refuse(entry.error());
    return std::nullopt;
  }
  (void)store_.put(task.key, *bytes);
  task.provenance.because.clear();
  return std::move(*entry);
}

void Results::explain(const Task& task) const {
  for (const std::string& reason : task.provenance.because)
    context_.err << fmt::format("{}: {}: {}\n", task.service().name, task.provenance.cached ? "kept" : "run",
                                reason);
}

void Results::keep(std::vector<Task>& tasks) {
  const auto keepable = [](const Task& task) {
    return task.inputs && task.outcome.ok && !task.provenance.cached;
  };
  if (std::ranges::none_of(tasks, keepable)) return;
  auto after = cache::Tree::look(workspace_.root);
  if (!after) return;
  for (Task& task : tasks)
    if (keepable(task)) keep(task, *after);
  store_.prune(workspace_.cache.size);
}

// What was changed while the steps ran may have passed in a state that nobody can name.
void Results::keep(Task& task, const cache::Tree& after) {
  auto inputs = cache::inputs_of(task.service(), task.depends, after);
  std::string touched;
  if (!inputs || !cache::untouched(*task.inputs, *inputs, touched)) {
    if (options_.explain)
      context_.err << fmt::format("{}: not kept: {} was written meanwhile\n", task.service().name, touched);
    return;
  }
  const std::string bytes =
      cache::write_entry({task.outcome.output, task.cases, task.outcome.took}, task.key, signing_key_);
  if (remote_) remote_->put(task.key, bytes);
  auto written = store_.put(task.key, bytes);
  if (written) written = store_.set_last(place(task), *task.inputs);
  if (!written && !std::exchange(told_, true))
    context_.err << "results are not kept: " << written.error().message << '\n';
}

std::string Results::place(const Task& task) const {
  return fmt::format("{} of {} in {}", task.depends.kind, task.service().name, workspace_.root);
}

}  // namespace msctl::cli::join
