#include "cli/output/patient_writer.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace msctl::cli::output {
namespace {

constexpr int look_milliseconds = 100;
constexpr int looks_at_the_end = 10;

// A pipe that is ready takes so much without waiting (pipe(7)).
constexpr std::size_t at_once = PIPE_BUF;

}  // namespace

bool PatientWriter::wait_for_room() {
  for (int looks = 0;;) {
    pollfd waiting{descriptor_, POLLOUT, 0};
    int ready = ::poll(&waiting, 1, look_milliseconds);
    if (ready > 0) return (waiting.revents & (POLLERR | POLLNVAL)) == 0;
    if (ready < 0 && errno != EINTR) return false;
    if (ending_ && ++looks >= looks_at_the_end) return false;
  }
}

void PatientWriter::write(std::string_view text) {
  while (!text.empty() && !gone_) {
    if (!wait_for_room()) {
      gone_ = true;
      return;
    }
    ssize_t n = ::write(descriptor_, text.data(), std::min(text.size(), at_once));
    if (n < 0 && errno != EINTR && errno != EAGAIN) gone_ = true;
    if (n > 0) text.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace msctl::cli::output
