#include <fmt/format.h>

#include <algorithm>

#include "scaffolds/adopt/makefile.h"
#include "scaffolds/adopt/service.h"

namespace msctl::scaffolds::adopt {
namespace {

// The exec form, or a shell's line as words; with a shell where it needs one.
toolchain::Argv words_of(const ImageCommand& command) {
  if (!command.words.empty()) {
    // [sh, -c, LINE] is the shell form, written out.
    const bool shell =
        command.words.size() == 3 && command.words[1] == "-c" && command.words[0].ends_with("sh");
    if (!shell) return command.words;
    if (auto words = simple_words(command.words[2])) return std::move(*words);
    return command.words;
  }
  if (command.line.empty()) return {};
  if (auto words = simple_words(command.line)) return std::move(*words);
  return {"sh", "-c", command.line};
}

bool is_entry_script(const toolchain::Argv& argv) {
  const std::string name = argv.empty() ? std::string{} : name_of(argv.front());
  return name.ends_with(".sh") || name == "tini" || name == "dumb-init" || name == "docker-entrypoint";
}

// Recipes that talk to a container engine are about images, not about the program here.
bool is_about_containers(const MakeTarget& target) {
  return target.recipe.find("docker") != std::string::npos ||
         target.recipe.find("podman") != std::string::npos ||
         target.recipe.find("compose") != std::string::npos;
}

struct Make {
  std::string file;
  std::map<std::string, MakeTarget> targets;

  std::optional<FoundCommand> command(const std::string& name) const {
    auto found = targets.find(name);
    if (found == targets.end() || is_about_containers(found->second)) return std::nullopt;
    return FoundCommand{{"make", name}, {file, found->second.at}};
  }
};

Make make_of(Reader& reader, const std::string& folder) {
  for (const char* name : {"GNUmakefile", "makefile", "Makefile"})
    if (const std::string file = join(folder, name); reader.repository().has(file))
      if (const std::string* text = reader.text(file)) return {file, parse_makefile(*text)};
  return {};
}

// The image's program, if it is one that is here as well: a file of the folder, or a name on PATH that is no
// path within the image.
std::optional<toolchain::Argv> as_here(Reader& reader, const Service& service, const toolchain::Argv& argv) {
  if (argv.empty()) return std::nullopt;
  toolchain::Argv out = argv;
  const std::string work = service.stage ? service.stage->folder : std::string{};
  for (std::string& word : out)
    if (!work.empty() && work != "/" && word.starts_with(work + "/"))
      word = "./" + word.substr(work.size() + 1);
  std::string& program = out.front();
  if (program.starts_with("/bin/") || program.starts_with("/usr/bin/")) program = name_of(program);
  if (program.find('/') == std::string::npos) return out;
  if (program.starts_with("./")) program = program.substr(2);
  if (!program.starts_with('/') && reader.repository().has(join(service.folder, program))) {
    program = "./" + program;
    return out;
  }
  return std::nullopt;
}

// True: it is a program of its language.
bool find_program(Rules& rules, const toolchain::Adoption& adoption, Service& service) {
  for (const toolchain::Program& program : adoption.programs) {
    Place at;
    if (!rules.hold(program.when, at) || !Rules::is_filled(rules.fill(program.run))) continue;
    service.run = {rules.fill(program.run), at};
    if (!program.build.empty())
      service.build = {rules.fill(program.build), at};
    else if (auto steps = rules.steps(adoption.build))
      service.build = {steps->first, steps->second};
    return true;
  }
  return false;
}

}  // namespace

void Service::warn(const Place& at, std::string message, std::string help) {
  base::Error error{base::Code::adoptUntold, std::move(message), {}, {}, std::move(help), {}};
  error.at.file = at.file;
  error.at.line = at.line;
  error.at.column = at.line > 0 ? 1 : 0;
  warnings.push_back(std::move(error));
}

std::optional<FoundCommand> image_command(const Service& service) {
  const ImageCommand* entry =
      service.stage && service.stage->entrypoint ? &*service.stage->entrypoint : nullptr;
  const ImageCommand* command = service.stage && service.stage->command ? &*service.stage->command : nullptr;
  Place at{service.dockerfile ? service.dockerfile->file : "", command ? command->at : entry ? entry->at : 0};
  if (service.compose && (service.compose->command || service.compose->entrypoint)) {
    if (service.compose->entrypoint) {
      entry = &*service.compose->entrypoint;
      command = nullptr;
    }
    if (service.compose->command) command = &*service.compose->command;
    at = service.compose->command_at;
  }
  toolchain::Argv words = entry ? words_of(*entry) : toolchain::Argv{};
  if (is_entry_script(words)) words.clear();
  if (command != nullptr) {
    const toolchain::Argv more = words_of(*command);
    words.insert(words.end(), more.begin(), more.end());
  }
  if (words.empty()) return std::nullopt;
  return FoundCommand{std::move(words), std::move(at)};
}

void find_commands(Reader& reader, const toolchain::Language* language, Service& service) {
  if (service.fits) return;
  const std::optional<FoundCommand> image = image_command(service);
  const Make make = make_of(reader, service.folder);
  Rules rules(reader, {service.folder, service.outer, service.name, image ? image->argv : toolchain::Argv{},
                       image ? image->at : Place{}});
  if (language != nullptr) {
    rules.set_values(language->adoption.values);
    find_program(rules, language->adoption, service);
    if (auto test = rules.steps(language->adoption.test)) service.test = {test->first, test->second};
    if (auto lint = rules.steps(language->adoption.lint)) service.lint = {lint->first, lint->second};
  }
  // A program and its build belong together: what one of them makes is what the other starts.
  const auto make_run = make.command("run");
  const auto make_build = make.command("build");
  if (make_run && (make_build || service.run.argv.empty())) {
    service.run = *make_run;
    service.build = make_build.value_or(FoundCommand{});
  }
  if (service.run.argv.empty() && image) {
    if (auto argv = as_here(reader, service, image->argv)) service.run = {std::move(*argv), image->at};
    if (service.build.argv.empty() && make_build) service.build = *make_build;
  }
  for (auto [name, command] : {std::pair{"test", &service.test}, std::pair{"lint", &service.lint}})
    if (auto own = make.command(name)) *command = *own;

  if (!service.run.argv.empty()) return;
  service.untold = image ? fmt::format("its image runs '{}', which is not here", image->argv.front())
                         : "nothing tells how to run it";
  service.untold_help =
      fmt::format("write {} with 'language: none' and run: [PROGRAM, ARGUMENT]", service.file());
}

}  // namespace msctl::scaffolds::adopt
