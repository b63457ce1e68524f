// What a person sees of a run of the pipeline: a line for each job that ends, with the output of those that
// failed as a group, and on a terminal below them a tree of what is running.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "cli/context.h"
#include "cli/output/progress.h"
#include "pipelines/run/schedule.h"

namespace msctl::cli::join {

class PipelineView {
public:
  // `verbose`: the output of those that passed, too.
  PipelineView(Context& context, const std::string& progress, std::size_t jobs, bool verbose);
  ~PipelineView();
  PipelineView(const PipelineView&) = delete;
  PipelineView& operator=(const PipelineView&) = delete;

  // From several threads.
  void begun(const pipeline::Job& job);
  void task(const pipeline::Job& job, const std::string& name);
  void ended(const pipeline::Ended& ended);
  void note(const std::string& subject, const std::string& text);

private:
  struct Running {
    std::string service, job, task;
    base::Instant since;
  };
  void draw();
  std::string tree() const;

  Context& context_;
  output::Progress progress_;
  bool verbose_;
  std::mutex mutex_;
  std::map<std::string, Running> running_;  // by the job's id
  std::size_t waiting_, done_ = 0, failed_ = 0;
  bool over_ = false;
  std::condition_variable wake_;
  std::jthread ticker_;
};

}  // namespace msctl::cli::join
