// The process around app::run: real streams, environment, clock and signals in, an exit status out.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "cli/app/app.h"
#include "cli/app/signals.h"
#include "cli/commands/catalogue.h"
#include "cli/output/descriptor.h"

namespace {

using namespace msctl;

// A file that a command opens must not become its standard output because the caller had closed that.
void open_standard_streams() {
  for (int descriptor : {0, 1, 2})
    if (::fcntl(descriptor, F_GETFD) < 0 && errno == EBADF)
      ::open("/dev/null", descriptor == 0 ? O_RDONLY : O_WRONLY);
}

std::map<std::string, std::string> read_environment() {
  std::map<std::string, std::string> all;
  for (char** each = environ; *each; ++each)
    if (char* equals = std::strchr(*each, '='))
      all.emplace(std::string(*each, equals), std::string(equals + 1));
  return all;
}

cli::Terminal look_at_terminal() {
  cli::Terminal terminal{.in = ::isatty(0) == 1, .out = ::isatty(1) == 1, .err = ::isatty(2) == 1};
  winsize size{};
  if (::ioctl(terminal.out ? 1 : 2, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    terminal.columns = size.ws_col;
  return terminal;
}

std::string working_folder() {
  char* found = ::getcwd(nullptr, 0);
  std::string folder = found ? found : "/";
  std::free(found);
  return folder;
}

std::string own_path() {
  char path[4096];
  ssize_t length = ::readlink("/proc/self/exe", path, sizeof path);
  return length > 0 ? std::string(path, static_cast<std::size_t>(length)) : "msctl";
}

// A reader that has seen enough (msctl … | head) is no failure; a full disk is.
base::Exit judge_output(base::Exit status, const cli::output::DescriptorBuffer& out) {
  if (out.error() == 0 || out.error() == EPIPE || status != base::Exit::ok) return status;
  std::cerr << "error[" << base::to_string(base::Code::cannotWrite)
            << "]: cannot write the output: " << std::strerror(out.error()) << '\n';
  return base::info(base::Code::cannotWrite).exit;
}

}  // namespace

int main(int count, char** arguments) {
  open_standard_streams();
  cli::app::ProcessSignals signals;
  cli::output::DescriptorBuffer out_buffer(1);
  cli::output::DescriptorBuffer err_buffer(2, 4096);
  std::ostream out(&out_buffer);
  std::ostream err(&err_buffer);
  err << std::unitbuf;
  base::SystemClock clock;
  cli::Context context{.in = std::cin,
                       .out = out,
                       .err = err,
                       .environment = read_environment(),
                       .clock = clock,
                       .signals = signals,
                       .folder = working_folder(),
                       .program = own_path(),
                       .terminal = look_at_terminal()};
  base::Exit status = cli::app::run({arguments + (count > 0 ? 1 : 0), arguments + count}, context,
                                    cli::commands::catalogue());
  out.flush();
  return static_cast<int>(judge_output(status, out_buffer));
}
