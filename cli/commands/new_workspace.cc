// new workspace: a folder that `msctl run` can run.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/join/creation.h"
#include "cli/output/document.h"
#include "scaffolds/embedded.h"
#include "scaffolds/workspace.h"

namespace msctl::cli::commands {
namespace {

struct Options {
  std::string name;
  std::vector<std::string> languages;
};

Outcome create(Context& context, const Options& options) {
  if (auto valid = join::expect_label("workspace", options.name); !valid) return fail(valid.error());
  auto tree = scaffolds::render_workspace(options.name, options.languages);
  if (!tree) return fail(tree.error());
  const std::string root = context.path(options.name);
  const std::vector<scaffolds::NewFolder> folders{{root, std::move(*tree)}};
  if (auto placed = join::place(context, folders); !placed) return fail(placed.error());

  const auto files = join::files_of(folders, context.folder);
  output::print(
      context, {{"workspace", options.name}, {"root", root}, {"files", files}}, [&](std::ostream& out) {
        out << fmt::format("made {} ({} files)\nnext: cd {} && msctl {}\n", options.name, files.size(),
                           options.name,
                           options.languages.empty() ? "new service NAME --language LANGUAGE" : "run");
      });
  return base::Exit::ok;
}

Outcome run(Context& context, const Arguments& arguments) {
  std::vector<std::string> languages;
  for (const std::string& each : arguments.list("with"))
    if (std::ranges::find(languages, each) == languages.end()) languages.push_back(each);
  return create(context, {.name = arguments.word("NAME"), .languages = std::move(languages)});
}

}  // namespace

Command describe_new_workspace() {
  return {.path = "new workspace",
          .section = Section::start,
          .summary = "make a workspace",
          .description =
              "Makes the folder NAME with msctl.yaml, and with one service `hello-LANG` for each language in "
              "--with. "
              "Services that keep their data in Redis bring `services/redis`. After an error or Ctrl-C "
              "nothing has been "
              "made; what exists is never overwritten.",
          .arguments = {{.name = "NAME", .doc = "of the workspace and its folder"}},
          .flags = {{.name = "with",
                     .value = "LANG",
                     .kind = Kind::choice,
                     .doc = "a first service in each of these languages",
                     .choices = scaffolds::language_names(),
                     .many = true,
                     .commas = true}},
          .examples = {{"msctl new workspace shop --with cpp,go", "a workspace with two services"}},
          .exits = {{base::Exit::failed, "the folder exists, or cannot be written"},
                    {base::Exit::interrupted, "interrupted; nothing was made"}},
          .run = run};
}

}  // namespace msctl::cli::commands
