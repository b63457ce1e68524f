#include "cli/join/keeping.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <utility>

#include "cli/flags.h"
#include "runtime/base/threads.h"

namespace msctl::cli::join {
namespace {

constexpr std::size_t most_reasons = 5;

}  // namespace

KeepOptions keep_options(const Arguments& arguments) {
  return {.use = !arguments.on("no-cache"),
          .explain = arguments.on("explain"),
          .verbose = arguments.on("verbose"),
          .progress = arguments.text("progress")};
}

std::vector<Flag> with_keep_flags(std::vector<Flag> flags, std::string_view make, std::string_view made) {
  flags.push_back({.name = "no-cache", .doc = fmt::format("{} everything, whatever is kept", make)});
  flags.push_back(
      {.name = "explain", .doc = fmt::format("say of each service why it is {}, or why not", made)});
  flags.push_back(verbose_flag());
  flags.push_back(progress_flag());
  return flags;
}

Keeping::Keeping(Context& context, const workspace::Workspace& workspace, KeepOptions options,
                 KeepWords words, std::string folder, std::uint64_t limit)
    : context_(context),
      workspace_(workspace),
      options_(std::move(options)),
      words_(words),
      folder_(std::move(folder)),
      limit_(limit),
      store_(folder_, files_),
      tools_folder_(cache_folder(context)),
      tools_(tools_folder_ + "/tools", files_, processes_, system::find_program) {
  signing_key_ = context.variable("MSCTL_CACHE_KEY").value_or("");
  if (!workspace.cache.url.empty()) share(workspace.cache.url);
  looking_ = std::async(std::launch::async, [root = workspace.root] { return cache::Tree::look(root); });
}

Keeping::~Keeping() {
  if (!tools_folder_.empty()) tools_.save();
}

void Keeping::share(const std::string& url) {
  auto parsed = http::parse_url(url);
  if (!parsed) return;  // which loading has told
  http::ClientOptions options;
  options.connect_timeout = std::chrono::seconds(3);
  options.idle_timeout = std::chrono::seconds(20);
  client_ = std::make_unique<http::Client>(std::move(options));
  remote_ = std::make_unique<cache::Remote>(*client_, *std::move(parsed),
                                            context_.variable("MSCTL_CACHE_TOKEN").value_or(""));
}

Dependence Keeping::depends(const workspace::Service& service, std::string_view kind,
                            const std::vector<toolchain::Argv>& steps) {
  if (!depends_) depends_.emplace(context_, workspace_, tools_);
  return depends_->of(service, kind, steps);
}

void Keeping::look_up(const std::vector<Keepable*>& all, const Take& take) {
  const base::Result<cache::Tree> tree = looking_.get();
  // A server is waited for, not computed with.
  constexpr std::size_t tasks_a_thread = 10, questions_at_once = 8;
  const std::size_t threads = remote_ ? std::min(questions_at_once, std::max<std::size_t>(all.size(), 1))
                                      : base::threads_for(all.size(), tasks_a_thread);
  base::on_threads(threads, all.size(), [&](std::size_t, std::size_t i) {
    look_up(*all[i], tree, [&](cache::Entry entry) { return take(i, std::move(entry)); });
  });
  if (!options_.explain) return;
  for (const Keepable* each : all)
    for (const std::string& reason : each->provenance.because)
      context_.err << fmt::format("{}: {}: {}\n", each->service->name,
                                  each->provenance.cached ? "kept" : words_.made, reason);
}

void Keeping::look_up(Keepable& of, const base::Result<cache::Tree>& tree,
                      const std::function<base::Result<void>(cache::Entry)>& take) {
  auto& because = of.provenance.because;
  if (!tree || folder_.empty()) {
    because = {tree ? "neither XDG_CACHE_HOME nor HOME says where results can be kept"
                    : tree.error().message};
    return;
  }
  auto inputs = cache::inputs_of(*of.service, of.depends, *tree);
  if (!inputs) {
    because = {inputs.error().message};
    return;
  }
  of.key = cache::key_of(*inputs);
  of.inputs = std::move(*inputs);
  if (options_.use && find(of, take)) return;
  if (!options_.explain || !because.empty()) return;
  if (!options_.use) {
    because = {"it was asked for anew"};
    return;
  }
  auto last = store_.last(place(of));
  if (!last) {
    because = {std::string(words_.never)};
    return;
  }
  because = cache::differences(*last, *of.inputs, most_reasons);
  if (because.empty()) because = {fmt::format("its {} is no longer kept", words_.result)};
}

// Here, or where results are shared; from there it is kept here, too.
bool Keeping::find(Keepable& of, const std::function<base::Result<void>(cache::Entry)>& take) {
  auto& because = of.provenance.because;
  const auto use = [&](std::string_view bytes) {
    auto entry = cache::read_entry(bytes, of.key, signing_key_);
    const base::Duration took = entry ? entry->took : base::Duration::zero();
    base::Result<void> taken = entry ? take(std::move(*entry)) : std::unexpected(entry.error());
    if (!taken) {
      because.push_back(fmt::format("its {} is not taken: {}", words_.result, taken.error().message));
      return false;
    }
    of.provenance.cached = true;
    because.clear();
    if (!options_.explain) return true;
    const std::string after =
        took > base::Duration::zero() ? fmt::format(", after {:.1f} s", seconds(took)) : std::string{};
    because = {fmt::format("nothing has changed {}{}", words_.since, after)};
    return true;
  };
  if (auto bytes = store_.get(of.key)) {
    if (use(*bytes)) return true;
    store_.remove(of.key);
  }
  auto bytes = remote_ ? remote_->get(of.key) : std::nullopt;
  if (!bytes || !use(*bytes)) return false;
  (void)store_.put(of.key, *bytes);
  return true;
}

void Keeping::keep(const std::vector<Keepable*>& all, const std::function<cache::Entry(std::size_t)>& entry,
                   const std::function<bool(std::size_t)>& share) {
  std::optional<base::Result<cache::Tree>> after;
  for (std::size_t i = 0; i < all.size(); ++i) {
    Keepable& each = *all[i];
    if (!each.made || !each.inputs) continue;
    if (!after) after = cache::Tree::look(workspace_.root);
    if (*after && is_untouched(each, **after))
      keep(each, entry(i), [&] { return !share || share(i); });
    else
      each.key.clear();
  }
  if (after) store_.prune(limit_);
  if (remote_ && !remote_->trouble().empty()) context_.err << remote_->trouble() << '\n';
}

// What was changed while the steps ran may have passed in a state that nobody can name.
bool Keeping::is_untouched(Keepable& of, const cache::Tree& after) const {
  auto inputs = cache::inputs_of(*of.service, of.depends, after);
  std::string touched;
  if (inputs && cache::untouched(*of.inputs, *inputs, touched)) return true;
  if (options_.explain)
    context_.err << fmt::format("{}: not kept: {} was written meanwhile\n", of.service->name, touched);
  return false;
}

void Keeping::keep(Keepable& of, const cache::Entry& entry, const std::function<bool()>& share) {
  const std::string bytes = cache::write_entry(entry, of.key, signing_key_);
  if (remote_ && share()) remote_->put(of.key, bytes);
  auto written = store_.put(of.key, bytes);
  if (written) written = store_.set_last(place(of), *of.inputs);
  if (!written && !std::exchange(told_, true))
    context_.err << fmt::format("{}s are not kept: {}\n", words_.result, written.error().message);
}

std::string Keeping::place(const Keepable& of) const {
  const std::string variant = of.variant.empty() ? "" : " for " + of.variant;
  return fmt::format("{} of {}{} in {}", of.depends.kind, of.service->name, variant, workspace_.root);
}

}  // namespace msctl::cli::join
