#include "runtime/local/builder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "runtime/system/processes.h"

namespace msctl::local {
namespace {

constexpr std::size_t kOutputLimit = 1u << 20;  // the first errors of a compiler are the ones to read

std::string command_line(const toolchain::Argv& argv) {
  return fmt::format("{}", fmt::join(argv, " "));
}

base::Error missing_tool(const PlannedService& service, const std::string& program) {
  auto known = std::ranges::find(service.requirements, program, &toolchain::Requirement::command);
  base::Error error;
  error.code = base::Code::toolMissing;
  error.message = fmt::format("{} cannot be built: {} is not on PATH", service.spec.name, program);
  if (known != service.requirements.end() && !known->debian.empty())
    error.suggestion = fmt::format("install the package {} ({})", known->debian, known->why);
  return error;
}

}  // namespace

void Builder::build(const PlannedService& service) {
  auto job = std::make_unique<Job>();
  job->service = &service;
  waiting_.push_back(std::move(job));
  start_next();
}

void Builder::start_next() {
  while (free_ > 0 && !waiting_.empty() && !cancelled_) {
    --free_;
    auto job = std::move(waiting_.front());
    waiting_.pop_front();
    start_step(std::move(job));
  }
}

void Builder::start_step(std::unique_ptr<Job> job) {
  Job& it = *job;
  it.pipes = std::make_unique<ProcessOutput>(loop_, [this, &it](bool, std::string_view text) {
    if (it.output.size() < kOutputLimit) it.output.append(text).append(1, '\n');
    if (events_.line) events_.line(it.service->spec.name, text);
  });
  auto ends = it.pipes->open();
  if (!ends) return done(std::move(job), ends.error());
  guard::SpawnRequest request;
  request.id = kIdBit | ++next_;
  request.folder = it.service->folder;
  request.argv = it.service->build[it.step];
  running_[request.id] = std::move(job);
  guard_.spawn(request, std::move(ends->output), std::move(ends->error));
}

void Builder::refused(std::uint64_t id, int error) {
  auto node = running_.extract(id);
  if (node.empty()) return;
  const PlannedService& service = *node.mapped()->service;
  const std::string& program = service.build[node.mapped()->step].front();
  if (error == ENOENT && program.find('/') == std::string::npos)
    return done(std::move(node.mapped()), missing_tool(service, program));
  base::Error failure;
  failure.code = base::Code::buildFailed;
  failure.message =
      fmt::format("{} does not build: cannot run {}: {}", service.spec.name, program, std::strerror(error));
  done(std::move(node.mapped()), std::move(failure));
}

void Builder::ended(std::uint64_t id, int wait_status) {
  auto node = running_.extract(id);
  if (node.empty()) return;
  std::unique_ptr<Job> job = std::move(node.mapped());
  job->pipes->finish();
  if (wait_status == 0 && ++job->step < job->service->build.size() && !cancelled_)
    return start_step(std::move(job));
  if (wait_status == 0) return done(std::move(job), std::nullopt);
  base::Error failure;
  failure.code = base::Code::buildFailed;
  failure.message =
      fmt::format("{} does not build: '{}' ended with {}", job->service->spec.name,
                  command_line(job->service->build[job->step]), system::describe_exit(wait_status));
  done(std::move(job), std::move(failure));
}

void Builder::done(std::unique_ptr<Job> job, std::optional<base::Error> failure) {
  ++free_;
  std::string name = job->service->spec.name, output = std::move(job->output);
  job.reset();
  if (!cancelled_) events_.ended(name, output, std::move(failure));
  start_next();
}

void Builder::cancel() {
  cancelled_ = true;
  waiting_.clear();
  for (const auto& [id, job] : running_) guard_.kill(id);
}

}  // namespace msctl::local
