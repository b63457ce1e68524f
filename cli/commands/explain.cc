// explain: what an MSC code means, and what to do about it.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/output/colour.h"
#include "cli/output/document.h"
#include "cli/output/table.h"
#include "runtime/base/names.h"

namespace msctl::cli::commands {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::string code;  // empty: all
};

Json to_json(const base::CodeInfo& info) {
  return {{"code", base::to_string(info.code)},
          {"exitStatus", static_cast<int>(info.exit)},
          {"title", info.title},
          {"cause", info.cause},
          {"example", info.example},
          {"cure", info.cure}};
}

std::string indented(std::string_view text) {
  std::string out = "  ";
  for (char c : text) out += c == '\n' ? std::string("\n  ") : std::string(1, c);
  return out;
}

void write(std::ostream& out, const base::CodeInfo& info, bool colours) {
  const auto& colour = output::palette(colours);
  auto part = [&](std::string_view title, std::string_view text) {
    if (!text.empty()) out << fmt::format("\n{}{}{}\n{}\n", colour.bold, title, colour.reset, indented(text));
  };
  out << fmt::format("{}{}{}: {}\n", colour.bold, base::to_string(info.code), colour.reset, info.title);
  part("Cause", info.cause);
  part("Example", info.example);
  part("Cure", info.cure);
  part("Exit status", fmt::format("{}", static_cast<int>(info.exit)));
}

Outcome list(Context& context) {
  Json all = Json::array();
  output::Table table{"CODE", ">EXIT", "MEANING"};
  for (const base::CodeInfo& info : base::all_codes()) {
    all.push_back(to_json(info));
    table.add({base::to_string(info.code), fmt::format("{}", static_cast<int>(info.exit)),
               std::string(info.title)});
  }
  output::print(context, {{"codes", all}},
                [&](std::ostream& out) { table.write(out, context.settings.colour_out); });
  return base::Exit::ok;
}

base::Error unknown(const std::string& code) {
  std::vector<std::string> codes;
  for (const base::CodeInfo& info : base::all_codes()) codes.push_back(base::to_string(info.code));
  std::string meant = base::did_you_mean(code, codes);
  return base::fail(base::Code::unknownName, fmt::format("no code '{}'", code),
                    meant.empty() ? "'msctl explain' lists all codes" : meant)
      .error();
}

Outcome explain(Context& context, const Options& options) {
  if (options.code.empty()) return list(context);
  auto code = base::code_from(options.code);
  if (!code) return fail(unknown(options.code));
  const base::CodeInfo& info = base::info(*code);
  output::print(context, to_json(info),
                [&](std::ostream& out) { write(out, info, context.settings.colour_out); });
  return base::Exit::ok;
}

Outcome run(Context& context, const Arguments& arguments) {
  return explain(context, {.code = arguments.word("CODE")});
}

}  // namespace

Command describe_explain() {
  return {
      .path = "explain",
      .section = Section::more,
      .summary = "tell what an error code means, and its cure",
      .description =
          "Every error of msctl has a stable code, MSCnnnn. This tells what leads to it, shows an example, "
          "and says what to do. Without CODE it lists all codes with their exit status.",
      .arguments =
          {{.name = "CODE", .kind = Kind::code, .doc = "such as `MSC1012` or `1012`", .required = false}},
      .examples = {{"msctl explain MSC1012", "cause, example and cure of one code"},
                   {"msctl explain -o json", "all codes as a document"}},
      .run = run};
}

}  // namespace msctl::cli::commands
