#include "runtime/system/processes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <string_view>

#include "runtime/base/fd.h"
#include "runtime/system/spawn.h"

extern char** environ;

namespace msctl::system {
namespace {

// The last `limit` bytes of what was added, without moving bytes at each addition.
class Tail {
public:
  explicit Tail(std::size_t limit) : limit_(limit) {}
  void add(std::string_view bytes) {
    kept_.append(bytes);
    if (kept_.size() > 2 * limit_) kept_.erase(0, kept_.size() - limit_);
  }
  std::string take() {
    if (kept_.size() > limit_) kept_.erase(0, kept_.size() - limit_);
    return std::move(kept_);
  }

private:
  std::size_t limit_;
  std::string kept_;
};

int remaining_ms(base::Instant deadline) {
  auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
  return static_cast<int>(std::clamp<long long>(left, 0, 1 << 30));
}

int exit_number(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

// Reads until the end of the pipe or of the process, whichever is last to matter: a process that ended leaves
// its descendants' copies of the pipe open, and those are not waited for.
enum class End { ended, timed_out, cancelled };

End collect(int output, int pidfd, const Command& command, Tail& tail) {
  const base::Duration timeout = command.timeout;
  bool limited = timeout > base::Duration::zero();
  base::Instant deadline = std::chrono::steady_clock::now() + timeout;
  bool open = output >= 0;
  for (;;) {
    pollfd watched[3] = {{open ? output : -1, POLLIN, 0}, {pidfd, POLLIN, 0}, {command.cancel, POLLIN, 0}};
    int n = ::poll(watched, 3, limited ? remaining_ms(deadline) : -1);
    if (n == 0) return End::timed_out;
    if (n < 0) continue;
    if (watched[2].revents != 0) return End::cancelled;
    if (watched[0].revents != 0) {
      char buffer[65536];
      ssize_t got = ::read(output, buffer, sizeof buffer);
      if (got > 0) {
        tail.add({buffer, static_cast<std::size_t>(got)});
        continue;
      }
      if (got == 0 || (errno != EINTR && errno != EAGAIN)) open = false;
    }
    if (watched[1].revents != 0) return End::ended;
  }
}

// A program with children of its own, in groups that no signal of ours reaches, can end them only so.
bool ends_when_asked(pid_t target, int output, int pidfd, const Command& command, Tail& tail) {
  if (command.grace == base::Duration::zero()) return false;
  ::kill(target, SIGTERM);
  Command last;
  last.timeout = command.grace;
  return collect(output, pidfd, last, tail) == End::ended;
}

}  // namespace

base::Result<Finished> RealProcesses::run(const Command& command) {
  if (command.argv.empty()) return base::fail(base::Code::startFailed, "an empty command");
  int ends[2] = {-1, -1};
  if (!command.inherit_output && ::pipe2(ends, O_CLOEXEC) != 0)
    return base::fail(base::Code::startFailed, fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  base::Fd reader(ends[0]), writer(ends[1]);
  if (reader) ::fcntl(reader.get(), F_SETFL, O_NONBLOCK);

  Spawn request;
  request.argv = command.argv;
  request.environment = command.environment ? *command.environment : child_environment(command.env);
  request.folder = command.folder;
  request.output = command.inherit_output ? 1 : writer.get();
  request.error = command.inherit_output || command.inherit_errors ? 2 : writer.get();
  request.input = command.terminal ? 0 : -1;
  request.same_group = command.terminal;
  auto pid = spawn(request);
  if (!pid) {
    std::string message = fmt::format("cannot run {}: {}", command.argv.front(), std::strerror(pid.error()));
    bool missing = pid.error() == ENOENT && command.argv.front().find('/') == std::string::npos;
    return base::fail(missing ? base::Code::toolMissing : base::Code::startFailed, std::move(message));
  }
  writer.reset();
  base::Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, *pid, 0)));

  Tail tail(command.output_limit);
  Finished finished;
  const End end = collect(reader.get(), pidfd.get(), command, tail);
  finished.timed_out = end == End::timed_out;
  finished.cancelled = end == End::cancelled;
  const pid_t target = command.terminal ? *pid : -*pid;
  if (end != End::ended && !ends_when_asked(target, reader.get(), pidfd.get(), command, tail))
    ::kill(target, SIGKILL);
  int status = 0;
  while (::waitpid(*pid, &status, 0) < 0 && errno == EINTR) {
  }
  finished.status = exit_number(status);
  finished.output = tail.take();
  return finished;
}

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return ::access(name.c_str(), X_OK) == 0 ? name : std::string{};
  const char* path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin";
  for (;;) {
    std::size_t colon = rest.find(':');
    std::string_view folder = rest.substr(0, colon);
    std::string candidate = fmt::format("{}/{}", folder.empty() ? "." : folder, name);
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    if (colon == std::string_view::npos) return {};
    rest.remove_prefix(colon + 1);
  }
}

std::vector<std::string> child_environment(const std::map<std::string, std::string>& extra) {
  std::map<std::string, std::string> all;
  for (char** each = environ; each != nullptr && *each != nullptr; ++each) {
    std::string_view entry = *each;
    std::size_t equals = entry.find('=');
    if (equals == std::string_view::npos || entry.starts_with("MSCTL_")) continue;
    all[std::string(entry.substr(0, equals))] = entry.substr(equals + 1);
  }
  for (const auto& [name, value] : extra) all[name] = value;
  std::vector<std::string> out;
  out.reserve(all.size());
  for (const auto& [name, value] : all) out.push_back(name + "=" + value);
  return out;
}

std::string describe_exit(int wait_status) {
  if (WIFEXITED(wait_status)) return fmt::format("exit status {}", WEXITSTATUS(wait_status));
  if (!WIFSIGNALED(wait_status)) return fmt::format("wait status {}", wait_status);
  const char* name = ::sigabbrev_np(WTERMSIG(wait_status));
  std::string out =
      name != nullptr ? fmt::format("SIG{}", name) : fmt::format("signal {}", WTERMSIG(wait_status));
  if (WCOREDUMP(wait_status)) out += " (core dumped)";
  return out;
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace msctl::system
