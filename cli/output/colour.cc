#include "cli/output/colour.h"

namespace msctl::cli::output {

bool decide_colour(std::string_view when, bool terminal,
                   const std::function<std::optional<std::string>(const std::string&)>& variable) {
  if (when == "always") return true;
  if (when == "never") return false;
  if (!variable("NO_COLOR").value_or("").empty()) return false;
  std::string force = variable("CLICOLOR_FORCE").value_or("");
  if (!force.empty() && force != "0") return true;
  if (variable("TERM").value_or("") == "dumb") return false;
  return terminal;
}

const Palette& palette(bool colours) {
  static const Palette none{};
  static const Palette some{.bold = "\x1b[1m",
                            .dim = "\x1b[2m",
                            .red = "\x1b[31m",
                            .green = "\x1b[32m",
                            .yellow = "\x1b[33m",
                            .blue = "\x1b[34m",
                            .magenta = "\x1b[35m",
                            .cyan = "\x1b[36m",
                            .reset = "\x1b[0m"};
  return colours ? some : none;
}

base::Colours error_colours(bool colours) {
  if (!colours) return {};
  return {.error = "\x1b[1;31m", .strong = "\x1b[1m", .help = "\x1b[36m", .reset = "\x1b[0m"};
}

}  // namespace msctl::cli::output
