#include "cli/app/signals.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "runtime/base/codes.h"

namespace msctl::cli::app {
namespace {

// The self-pipe: its write end for the handler, its read end for poll.
std::atomic<int> write_end{-1};
int read_end = -1;
std::atomic<bool> was_interrupted{false};

extern "C" void end_at_once(int) {
  ::_exit(static_cast<int>(base::Exit::interrupted));
}

extern "C" void ignore(int) {}

extern "C" void note(int signal) {
  int saved = errno;
  if (signal == SIGINT || signal == SIGTERM) was_interrupted = true;
  auto byte = static_cast<unsigned char>(signal);
  [[maybe_unused]] ssize_t written = ::write(write_end, &byte, 1);
  errno = saved;
}

void handle(int signal, void (*handler)(int), int flags) {
  struct sigaction action{};
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  ::sigaction(signal, &action, nullptr);
}

// A shell starts what runs behind '&' with SIGINT ignored: that stays so.
bool is_ignored(int signal) {
  struct sigaction action{};
  ::sigaction(signal, nullptr, &action);
  return action.sa_handler == SIG_IGN;
}

}  // namespace

ProcessSignals::ProcessSignals() {
  handle(SIGPIPE, ignore, SA_RESTART);
  for (int signal : {SIGINT, SIGTERM})
    if (!is_ignored(signal)) handle(signal, end_at_once, 0);
}

// No SA_RESTART: a blocking call ends with EINTR, and its caller looks.
void ProcessSignals::watch(const std::vector<int>& signals) {
  if (write_end < 0) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return;
    read_end = ends[0];
    write_end = ends[1];
  }
  for (int signal : signals) handle(signal, note, 0);
}

int ProcessSignals::descriptor() const {
  return read_end;
}

std::optional<int> ProcessSignals::take() {
  unsigned char byte = 0;
  if (read_end < 0 || ::read(read_end, &byte, 1) != 1) return std::nullopt;
  return byte;
}

bool ProcessSignals::interrupted() const {
  return was_interrupted;
}

}  // namespace msctl::cli::app
