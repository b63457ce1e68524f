// The stdout and stderr of one process of a run: pipes read in the run's loop, cut into lines, the last ones
// remembered.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include "runtime/base/error.h"
#include "runtime/local/logs/lines.h"
#include "runtime/local/loop/loop.h"

namespace msctl::local {

class ProcessOutput {
public:
  using Line = std::function<void(bool is_error, std::string_view text)>;

  ProcessOutput(Loop& loop, Line line) : loop_(loop), line_(std::move(line)) {}
  ~ProcessOutput();
  ProcessOutput(const ProcessOutput&) = delete;
  ProcessOutput& operator=(const ProcessOutput&) = delete;

  // The write ends, for the process. Errors: startFailed (no descriptors left).
  struct Ends {
    base::Fd output, error;
  };
  base::Result<Ends> open();

  void pause();
  void resume();

  // The process has ended: reads what is still in the pipes, and no further.
  void finish();

  // The last lines of stderr, or of stdout where stderr was silent.
  std::string last_words() const;

private:
  struct Stream {
    base::Fd fd;
    LineSplitter splitter;
    std::deque<std::string> last;
    bool is_error = false;
    bool watched = false;
  };
  void watch(Stream& stream);
  void unwatch(Stream& stream);
  void close(Stream& stream);
  bool read(Stream& stream);  // false: nothing more for now
  void emit(Stream& stream, std::string_view text);

  Loop& loop_;
  Line line_;
  Stream streams_[2];
};

}  // namespace msctl::local
