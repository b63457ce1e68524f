#include "cli/join/test_run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "runtime/system/processes.h"
#include "runtime/system/spawn.h"

namespace msctl::cli::join {
namespace {

constexpr std::size_t last_words_limit = 4096;

base::Error failed(std::string message, std::string suggestion = {}) {
  return base::fail(base::Code::testRunFailed, std::move(message), std::move(suggestion)).error();
}

std::vector<std::string> command_line(const TestRunOptions& options) {
  std::vector<std::string> out{options.program,
                               "-C",
                               options.root,
                               "run",
                               options.service,
                               "--isolated",
                               "--no-build",
                               "-o",
                               "json",
                               "--gateway-port",
                               "0",
                               "--record",
                               options.recording};
  if (options.stateless) out.emplace_back("--stateless");
  return out;
}

}  // namespace

base::Result<std::unique_ptr<TestRun>> TestRun::start(const TestRunOptions& options) {
  std::unique_ptr<TestRun> run(new TestRun);
  run->log_.reset(::open(options.log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600));
  int ends[2];
  if (!run->log_ || ::pipe2(ends, O_CLOEXEC) != 0)
    return std::unexpected(failed(fmt::format("cannot write {}: {}", options.log, std::strerror(errno))));
  run->output_.reset(ends[0]);
  base::Fd writer(ends[1]);
  system::Spawn request;
  request.argv = command_line(options);
  request.environment =
      system::child_environment({{std::string(end_with_variable), std::to_string(::getpid())}});
  request.output = request.error = writer.get();
  auto pid = system::spawn(request);
  if (!pid)
    return std::unexpected(
        failed(fmt::format("cannot run {}: {}", options.program, std::strerror(pid.error()))));
  run->pid_ = *pid;
  writer.reset();
  if (auto ready = run->wait_until_ready(options); !ready) return std::unexpected(ready.error());
  // Its output has to be taken for as long as it runs.
  run->reader_ = std::thread([self = run.get()] {
    char buffer[65536];
    for (;;) {
      ssize_t n = ::read(self->output_.get(), buffer, sizeof buffer);
      if (n < 0 && errno == EINTR) continue;
      if (!self->take({buffer, static_cast<std::size_t>(std::max<ssize_t>(n, 0))})) return;
    }
  });
  return run;
}

TestRun::~TestRun() {
  stop();
}

base::Result<void> TestRun::wait_until_ready(const TestRunOptions& options) {
  while (!settled_) {
    pollfd watched[2] = {{output_.get(), POLLIN, 0}, {options.cancel, POLLIN, 0}};
    if (::poll(watched, 2, -1) < 0) continue;
    if (watched[1].revents != 0)
      return base::fail(base::Code::interrupted, "interrupted; the tests were ended");
    char buffer[65536];
    ssize_t n = ::read(output_.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (!take({buffer, static_cast<std::size_t>(std::max<ssize_t>(n, 0))})) break;
  }
  if (ready_) return {};
  return std::unexpected(
      failed(fmt::format("{} and what it needs did not become ready: {}", options.service, last_words_),
             fmt::format("all that was said stands in {}", options.log)));
}

bool TestRun::take(std::string_view bytes) {
  pending_.append(bytes);
  std::size_t from = 0;
  for (std::size_t end; (end = pending_.find('\n', from)) != std::string::npos; from = end + 1)
    take_line(pending_.substr(from, end - from));
  pending_.erase(0, from);
  if (!bytes.empty()) return true;
  if (!pending_.empty()) take_line(std::exchange(pending_, {}));
  return false;
}

// An event, a line of a service's log, or, where the run could not even begin, its errors.
void TestRun::take_line(const std::string& line) {
  auto object = nlohmann::json::parse(line, nullptr, false);
  if (!object.is_object()) return note(line);
  if (object.contains("errors"))
    for (const auto& error : object["errors"]) note(error.value("message", ""));
  std::string event = object.value("event", "");
  if (event == "log")
    return note(fmt::format("{} | {}", object.value("replica", ""), object.value("text", "")));
  if (event == "settled") {
    settled_ = true;
    ready_ = object.value("ready", false);
    gateway_url_ = object["gateway"].value("url", "");
  } else if (event != "run" && !event.empty()) {
    note(fmt::format(
        "{} {} {}",
        object.value("replica", "").empty() ? object.value("service", "") : object.value("replica", ""),
        object.value("message", ""), object.value("code", "")));
  }
}

void TestRun::note(const std::string& line) {
  std::string text = line + "\n";
  [[maybe_unused]] ssize_t n = ::write(log_.get(), text.data(), text.size());
  if (settled_) return;
  last_words_ += (last_words_.empty() ? "" : "\n") + line;
  if (last_words_.size() > last_words_limit) last_words_.erase(0, last_words_.size() - last_words_limit);
}

void TestRun::stop() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGTERM);
  // Where it had not become ready nobody takes what it still says.
  if (!reader_.joinable()) output_.reset();
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  if (reader_.joinable()) reader_.join();
}

}  // namespace msctl::cli::join
