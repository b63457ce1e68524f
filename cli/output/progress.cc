#include "cli/output/progress.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/output/colour.h"

namespace msctl::cli::output {

Progress::Progress(Context& context, std::string_view how) : context_(context) {
  bool terminal = context.terminal.err && context.variable("TERM").value_or("") != "dumb";
  if (how == "quiet")
    mode_ = Mode::quiet;
  else if (how == "json")
    mode_ = Mode::json;
  else if (how == "tty" || (how == "auto" && terminal))
    mode_ = Mode::tty;
  else
    mode_ = Mode::plain;
}

Progress::~Progress() {
  show({});
}

void Progress::say(std::string_view subject, std::string_view message, Tone tone) {
  if (mode_ == Mode::quiet) return;
  std::scoped_lock lock(mutex_);
  if (mode_ == Mode::json) {
    nlohmann::ordered_json line{{"subject", subject}, {"message", message}};
    context_.err << line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
    return;
  }
  const Palette& colour = palette(context_.settings.colour_err);
  std::string_view start = tone == Tone::good   ? colour.green
                           : tone == Tone::bad  ? colour.red
                           : tone == Tone::busy ? colour.cyan
                                                : std::string_view{};
  std::string_view end = start.empty() ? std::string_view{} : colour.reset;
  erase();
  context_.err << fmt::format("{}{}{}{}{}\n", start, subject, end, subject.empty() ? "" : "  ", message);
  draw();
}

void Progress::show(std::string_view status) {
  if (mode_ != Mode::tty) return;
  std::scoped_lock lock(mutex_);
  if (status == status_) return;
  erase();
  status_ = status;
  draw();
}

void Progress::erase() {
  if (mode_ == Mode::tty && !status_.empty()) context_.err << "\r\x1b[K";
}

// Cut to the terminal's width: a line that wraps could not be erased.
void Progress::draw() {
  if (mode_ != Mode::tty || status_.empty()) return;
  auto width = static_cast<std::size_t>(std::max(context_.terminal.columns - 1, 1));
  context_.err << status_.substr(0, width) << std::flush;
}

}  // namespace msctl::cli::output
