#include "cli/join/pipeline_view.h"

#include <fmt/format.h>

#include <chrono>
#include <ostream>

#include "cli/join/steps.h"
#include "cli/output/colour.h"
#include "cli/output/table.h"

namespace msctl::cli::join {
namespace {

constexpr std::size_t kShown = 12;  // services of the tree: it must fit on a screen

}  // namespace

PipelineView::PipelineView(Context& context, const std::string& progress, std::size_t jobs, bool verbose)
    : context_(context), progress_(context, progress), verbose_(verbose), waiting_(jobs) {
  if (!context.terminal.err || progress == "plain" || progress == "json" || progress == "quiet") return;
  ticker_ = std::jthread([this] {
    std::unique_lock lock(mutex_);
    while (!over_) {
      draw();
      wake_.wait_for(lock, std::chrono::milliseconds(500), [this] { return over_; });
    }
  });
}

PipelineView::~PipelineView() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  wake_.notify_all();
  ticker_ = {};
  progress_.show({});
}

void PipelineView::begun(const pipeline::Job& job) {
  const std::lock_guard lock(mutex_);
  --waiting_;
  running_[job.id] = {job.service, job.short_name(), {}, context_.clock.now()};
  draw();
}

void PipelineView::task(const pipeline::Job& job, const std::string& name) {
  const std::lock_guard lock(mutex_);
  running_[job.id].task = name;
  draw();
}

void PipelineView::note(const std::string& subject, const std::string& text) {
  const std::lock_guard lock(mutex_);
  progress_.say(subject, text);
}

void PipelineView::ended(const pipeline::Ended& ended) {
  using pipeline::Verdict;
  const std::lock_guard lock(mutex_);
  if (running_.erase(ended.job->id) == 0) --waiting_;
  if (ended.verdict == Verdict::cancelled) return;
  ++(ended.verdict == Verdict::passed || ended.verdict == Verdict::kept ? done_ : failed_);
  const bool failed = ended.verdict == Verdict::failed;
  const std::string where = failed ? fmt::format(" in '{}'", ended.failed) : std::string{};
  const std::string after = ended.end > ended.begin
                                ? fmt::format(" after {:.1f} s", seconds(ended.end - ended.begin))
                                : std::string{};
  progress_.show({});
  progress_.say(ended.job->id, fmt::format("{}{}{}", pipeline::verdict_name(ended.verdict), where, after),
                failed                              ? output::Tone::bad
                : ended.verdict == Verdict::skipped ? output::Tone::busy
                                                    : output::Tone::good);
  if ((failed || verbose_) && !ended.output.empty()) {
    const output::Palette& colour = output::palette(context_.settings.colour_err);
    context_.err << fmt::format("{}--- {} ---{}\n", colour.bold, ended.job->id, colour.reset) << ended.output;
    if (!ended.output.ends_with('\n')) context_.err << '\n';
    context_.err << fmt::format("{}--- end of {} ---{}\n", colour.dim, ended.job->id, colour.reset);
  }
  draw();
}

void PipelineView::draw() {
  progress_.show(over_ ? std::string{} : tree());
}

std::string PipelineView::tree() const {
  std::string out, service;
  std::size_t shown = 0;
  const base::Instant now = context_.clock.now();
  for (const auto& [id, job] : running_) {
    if (job.service != service) {
      if (++shown > kShown) break;
      service = job.service;
      out += service + '\n';
    }
    out += fmt::format("└─ {}{}{}, {:.0f} s\n", job.job, job.task.empty() ? "" : ": ", job.task,
                       seconds(now - job.since));
  }
  return out + fmt::format("{} running, {} waiting, {} passed, {} failed or skipped", running_.size(),
                           waiting_, done_, failed_);
}

}  // namespace msctl::cli::join
