// What a command is doing, on stderr, in the form that --progress asks for.
//
//   tty    lines, and below them one or several that are redrawn
//   plain  lines
//   json   {"subject","message"} a line
//   quiet  nothing
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "cli/context.h"

namespace msctl::cli::output {

enum class Tone { plain, good, bad, busy };

// May be called from several threads.
class Progress {
public:
  // `how` is --progress's value.
  Progress(Context& context, std::string_view how);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // A line that stays: "orders  ready".
  void say(std::string_view subject, std::string_view message, Tone tone = Tone::plain);
  // The line that is redrawn, or lines (tty only); empty: none.
  void show(std::string_view status);

private:
  enum class Mode { tty, plain, json, quiet };
  void erase();
  void draw();

  Context& context_;
  Mode mode_;
  std::string status_;
  std::mutex mutex_;
};

}  // namespace msctl::cli::output
