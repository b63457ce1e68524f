#include "cli/describe/man.h"

#include <fmt/format.h>

#include "cli/describe/roff.h"
#include "cli/describe/text.h"

namespace msctl::cli::describe {
namespace {

// "\fB\-o\fR, \fB\-\-output\fR \fIFORMAT\fR"
std::string flag_head(const Flag& flag) {
  std::string head = flag.letter ? fmt::format("\\fB\\-{}\\fR, ", flag.letter) : "";
  head += fmt::format("\\fB\\-\\-{}\\fR", roff_escape(flag.name));
  if (flag.is_switch()) return head;
  return head +
         (flag.optional ? fmt::format("[=\\fI{}\\fR]", flag.value) : fmt::format(" \\fI{}\\fR", flag.value));
}

void write_flags(Roff& page, std::string_view title, std::string_view path, const std::vector<Flag>& flags) {
  if (flags.empty()) return;
  page.section(title);
  for (const Flag& flag : flags) {
    std::string meaning = meaning_of(flag) + ".";
    std::string set_by;
    for (const std::string& name : variables(path, flag))
      set_by += (set_by.empty() ? "" : ", ") + fmt::format("`{}`", name);
    if (!set_by.empty()) meaning += " Set by " + set_by + ".";
    page.item(flag_head(flag), meaning);
  }
}

void write_commands(Roff& page, const Catalogue& catalogue, std::string_view group) {
  std::string prefix = group.empty() ? "" : std::string(group) + " ";
  for (Section section : {Section::start, Section::run, Section::gateway, Section::generate, Section::more}) {
    bool first = true;
    for (const Command& command : catalogue.all()) {
      if (command.section != section || !command.path.starts_with(prefix) || command.path == group) continue;
      if (command.is_group()) continue;
      if (first && group.empty()) page.subsection(title_of(section));
      first = false;
      page.item(fmt::format("\\fBmsctl\\-{}\\fR(1)", roff_escape(manual_name(command).substr(6))),
                command.summary + ".");
    }
  }
}

void write_description(Roff& page, std::string_view text) {
  for (const Block& block : blocks(text)) {
    if (block.literal)
      page.literal(block.text);
    else
      page.paragraph(block.text);
  }
}

void write_exits(Roff& page, const Command& command) {
  page.section("EXIT STATUS");
  for (const ExitMeaning& exit : exits_of(command))
    page.item(fmt::format("{}", static_cast<int>(exit.status)), exit.doc + ".");
}

void write_examples(Roff& page, const Command& command) {
  if (command.examples.empty()) return;
  page.section("EXAMPLES");
  for (const Example& example : command.examples)
    page.item(fmt::format("\\fB{}\\fR", roff_escape(example.line)), example.doc + ".");
}

}  // namespace

std::string manual_name(const Command& command) {
  std::string name = "msctl-" + command.path;
  for (char& c : name)
    if (c == ' ') c = '-';
  return name;
}

std::string manual(const Catalogue& catalogue) {
  Roff page("msctl");
  page.section("NAME");
  page.raw("msctl \\- build and operate microservices\n");
  page.section("SYNOPSIS");
  page.raw("\\fBmsctl\\fR [\\fIflags\\fR] \\fIcommand\\fR [\\fIarguments\\fR]\n");
  page.section("DESCRIPTION");
  page.paragraph(
      "msctl makes, checks, runs and looks after the services of one workspace: a folder with `msctl.yaml`, "
      "found "
      "from the working folder upward. Requests reach the services through its gateway, with the same "
      "configuration on the laptop as in a cluster.");
  page.section("COMMANDS");
  write_commands(page, catalogue, "");
  write_flags(page, "FLAGS OF EVERY COMMAND", "", common_flags());
  page.item("\\fB\\-\\-version\\fR", "print the version.");
  page.section("ENVIRONMENT");
  page.paragraph(
      "Every flag can be set by the variable `MSCTL_<COMMAND>_<FLAG>`, such as `MSCTL_EXPLAIN_OUTPUT`; flags "
      "that mean "
      "the same everywhere by `MSCTL_<FLAG>`, too. What is typed wins, then the longer name, then the "
      "shorter.");
  page.item("\\fBNO_COLOR\\fR", "Not empty: no colours.");
  page.item("\\fBCLICOLOR_FORCE\\fR", "Neither empty nor 0: colours, also where stdout is no terminal.");
  page.item("\\fBTERM\\fR", "`dumb`: no colours, and no line that is redrawn.");
  page.section("FILES");
  page.item("\\fImsctl.yaml\\fR", "The workspace; `msctl.ENV.yaml` is merged over it for one environment.");
  page.item("\\fIservice.yaml\\fR", "One service, in a folder that `services:` names.");
  page.item("\\fI.env\\fR", "Values for `${VAR}`, behind those of the environment.");
  page.item("\\fI.msctl/\\fR", "The state of the workspace's run; not for version control.");
  page.section("EXIT STATUS");
  page.item("0", "done, also when the reader of a pipe has gone.");
  page.item("1", "what was asked for was tried and failed.");
  page.item("2", "changes or drift, only where a flag asks for this status.");
  page.item("64", "a wrong command line, or a name that does not exist.");
  page.item("65", "a wrong workspace or configuration.");
  page.item("69", "something needed is not there.");
  page.item("75", "locked by someone else, or timed out waiting.");
  page.item("130", "interrupted.");
  page.section("SEE ALSO");
  page.paragraph("`msctl explain` tells the cause and the cure of each error code.");
  return page.take();
}

std::string manual(const Catalogue& catalogue, const Command& command) {
  Roff page(manual_name(command));
  page.section("NAME");
  page.raw(roff_escape(manual_name(command)) + " \\-\n");
  page.prose(command.summary);
  page.section("SYNOPSIS");
  page.prose(usage_of(command));
  page.section("DESCRIPTION");
  write_description(page, command.description);
  if (command.is_group()) {
    page.section("COMMANDS");
    write_commands(page, catalogue, command.path);
  } else {
    if (!command.arguments.empty()) page.section("ARGUMENTS");
    for (const Argument& argument : command.arguments)
      page.item(fmt::format("\\fI{}\\fR", roff_escape(argument.name)), argument.doc + ".");
    write_flags(page, "FLAGS", command.path, command.flags);
    write_flags(page, "FLAGS OF EVERY COMMAND", command.path, common_flags());
    write_exits(page, command);
    write_examples(page, command);
  }
  page.section("SEE ALSO");
  page.raw("\\fBmsctl\\fR(1)\n");
  return page.take();
}

}  // namespace msctl::cli::describe
