#include "cli/join/ask.h"

#include <poll.h>
#include <unistd.h>

#include <istream>
#include <ostream>

namespace msctl::cli::join {
namespace {

// False once a signal has come: reading itself would begin again after one.
bool wait_for_line(Context& context) {
  pollfd waiting[] = {{STDIN_FILENO, POLLIN, 0}, {context.signals.descriptor(), POLLIN, 0}};
  while (!context.signals.interrupted()) {
    if (context.in.rdbuf()->in_avail() > 0) return true;
    if (::poll(waiting, 2, -1) > 0 && waiting[0].revents != 0) return !context.signals.interrupted();
  }
  return false;
}

}  // namespace

bool can_ask(const Context& context) {
  return context.terminal.in && context.terminal.err;
}

base::Result<std::string> ask(Context& context, const std::string& prompt) {
  context.err << prompt << std::flush;
  std::string line;
  if (wait_for_line(context) && std::getline(context.in, line)) return line;
  context.err << '\n';
  return base::fail(base::Code::interrupted, "interrupted; nothing was changed");
}

}  // namespace msctl::cli::join
