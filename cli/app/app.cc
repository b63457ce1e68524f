#include "cli/app/app.h"

#include <fmt/format.h>

#include <exception>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/app/parse.h"
#include "cli/complete/complete.h"
#include "cli/describe/help.h"
#include "cli/output/colour.h"
#include "cli/output/document.h"
#include "cli/version.h"

namespace msctl::cli::app {
namespace {

Format to_format(std::string_view text) {
  return text == "json" ? Format::json : text == "yaml" ? Format::yaml : Format::table;
}

// The format in which to report a wrong command line: parsing may have stopped before it came to -o.
Format format_of_broken(const std::vector<std::string>& words, const Parsed& parsed, Format resolved) {
  auto found = parsed.arguments.flags.find("output");
  if (found != parsed.arguments.flags.end() && found->second.given) return resolved;
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    std::string_view word = words[i];
    if ((word == "-o" || word == "--output") && i + 1 < words.size()) return to_format(words[i + 1]);
    if (word.starts_with("--output=")) return to_format(word.substr(9));
    if (word.starts_with("-o")) return to_format(word.substr(2));
  }
  return resolved;
}

void resolve_settings(Context& context, const std::vector<std::string>& words, const Parsed& parsed) {
  auto variable = [&](const std::string& name) { return context.variable(name); };
  std::string colour = parsed.arguments.text("color");
  context.settings.colour_out = output::decide_colour(colour, context.terminal.out, variable);
  context.settings.colour_err = output::decide_colour(colour, context.terminal.err, variable);
  Format format = to_format(parsed.arguments.text("output"));
  context.settings.format = parsed.errors.empty() ? format : format_of_broken(words, parsed, format);
}

Outcome enter_folder(Context& context, const Arguments& arguments) {
  std::string typed = arguments.text("directory");
  if (typed.empty()) return base::Exit::ok;
  context.folder = context.path(typed);
  std::error_code ignored;
  if (std::filesystem::is_directory(context.folder, ignored)) return base::Exit::ok;
  return fail(base::fail(base::Code::usage, fmt::format("-C: '{}' is not a folder", typed)).error());
}

Outcome show_help(Context& context, const Parsed& parsed) {
  auto columns = static_cast<std::size_t>(context.terminal.columns);
  bool colours = context.settings.colour_out;
  context.out << (parsed.command ? describe::help(*context.catalogue, *parsed.command, columns, colours)
                                 : describe::help(*context.catalogue, columns, colours));
  return base::Exit::ok;
}

Outcome show_version(Context& context) {
  output::print(context, {{"version", version()}},
                [](std::ostream& out) { out << "msctl " << version() << '\n'; });
  return base::Exit::ok;
}

Outcome act(const std::vector<std::string>& words, Context& context, const Catalogue& catalogue) {
  Parsed parsed = parse(catalogue, words, [&](const std::string& name) { return context.variable(name); });
  resolve_settings(context, words, parsed);
  if (!parsed.errors.empty()) return std::unexpected(parsed.errors);
  if (parsed.version) return show_version(context);
  if (parsed.help || !parsed.command || parsed.command->is_group()) return show_help(context, parsed);
  if (auto entered = enter_folder(context, parsed.arguments); !entered) return entered;
  return parsed.command->run(context, parsed.arguments);
}

}  // namespace

base::Exit run(const std::vector<std::string>& words, Context& context, const Catalogue& catalogue) {
  context.catalogue = &catalogue;
  base::Errors errors;
  try {
    if (!words.empty() && words[0] == "__complete") {
      complete::answer(context, {words.begin() + 1, words.end()});
      return base::Exit::ok;
    }
    Outcome outcome = act(words, context, catalogue);
    if (outcome) return *outcome;
    errors = std::move(outcome.error());
  } catch (const std::exception& fault) {
    errors.push_back(base::fail(base::Code::internal, fault.what()).error());
  }
  output::print(context, errors);
  return base::exit_for(errors);
}

}  // namespace msctl::cli::app
