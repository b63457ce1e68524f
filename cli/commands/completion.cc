// completion: the script that teaches a shell msctl's commands, flags and names.
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/complete/scripts.h"
#include "cli/output/document.h"

namespace msctl::cli::commands {
namespace {

Outcome run(Context& context, const Arguments& arguments) {
  std::string shell = arguments.word("SHELL");
  std::string_view script = shell == "zsh" ? complete::zsh_script() : complete::bash_script();
  output::print(context, {{"shell", shell}, {"script", script}}, [&](std::ostream& out) { out << script; });
  return base::Exit::ok;
}

}  // namespace

Command describe_completion() {
  return {.path = "completion",
          .section = Section::more,
          .summary = "print the completion script of a shell",
          .description =
              "Prints a script which completes commands, flags, their values, and the names of this "
              "workspace's services. In bash:\n\n"
              "    source <(msctl completion bash)\n\n"
              "In zsh, after `compinit`:\n\n"
              "    source <(msctl completion zsh)",
          .arguments =
              {{.name = "SHELL", .kind = Kind::choice, .doc = "`bash` or `zsh`", .choices = {"bash", "zsh"}}},
          .examples = {{"msctl completion bash > ~/.local/share/bash-completion/completions/msctl",
                        "for every new shell"}},
          .run = run};
}

}  // namespace msctl::cli::commands
