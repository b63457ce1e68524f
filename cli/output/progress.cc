#include "cli/output/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/output/colour.h"

namespace msctl::cli::output {
namespace {

// The first `width` code points.
std::string_view cut(std::string_view line, std::size_t width) {
  std::size_t at = 0;
  for (std::size_t seen = 0; at < line.size(); ++at)
    if ((static_cast<unsigned char>(line[at]) & 0xC0) != 0x80 && seen++ == width) break;
  return line.substr(0, at);
}

}  // namespace

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
  if (mode_ != Mode::tty || status_.empty()) return;
  const auto above = std::ranges::count(status_, '\n');
  context_.err << (above == 0 ? "\r\x1b[K" : fmt::format("\r\x1b[{}A\x1b[J", above));
}

// Each line cut to the terminal's width: one that wraps could not be erased.
void Progress::draw() {
  if (mode_ != Mode::tty || status_.empty()) return;
  const auto width = static_cast<std::size_t>(std::max(context_.terminal.columns - 1, 1));
  std::string text;
  for (std::size_t at = 0; at <= status_.size();) {
    const std::size_t end = std::min(status_.find('\n', at), status_.size());
    if (at > 0) text += '\n';
    text += cut(std::string_view(status_).substr(at, end - at), width);
    at = end + 1;
  }
  context_.err << text << std::flush;
}

}  // namespace msctl::cli::output
