#include "cli/join/adoption.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/command.h"
#include "cli/join/surroundings.h"
#include "cli/output/colour.h"
#include "cli/output/table.h"
#include "runtime/git/ignored.h"
#include "runtime/workspace/load.h"
#include "scaffolds/adopt/propose.h"
#include "scaffolds/embedded.h"

namespace msctl::cli::join {
namespace {

namespace adopt = scaffolds::adopt;
using nlohmann::ordered_json;

base::Error nothing_found(const std::string& root, const toolchain::Languages& languages,
                          const adopt::Proposal& proposal) {
  base::Error error = base::fail(base::Code::nothingToAdopt, fmt::format("no service is found in {}", root),
                                 "make one: msctl new workspace NAME --with go")
                          .error();
  if (const auto above = repository_above(root))
    error.suggestion = fmt::format("msctl init -C {}, where the repository begins", *above);
  for (const std::string& mark : adopt::marks(languages)) error.notes.push_back("looked for: " + mark);
  for (const base::Error& warning : proposal.warnings)
    error.notes.push_back(fmt::format("{}:{}: {}", warning.at.file, warning.at.line, warning.message));
  return error;
}

ordered_json place(const adopt::Place& at) {
  return {{"file", at.file}, {"line", at.line}};
}

ordered_json command(const adopt::FoundCommand& command) {
  if (command.argv.empty()) return nullptr;
  return {{"argv", command.argv}, {"file", command.at.file}, {"line", command.at.line}};
}

std::string how(adopt::PortBy by) {
  switch (by) {
    case adopt::PortBy::PORT:
      return "PORT";
    case adopt::PortBy::variable:
      return "variable";
    case adopt::PortBy::argument:
      return "argument";
    case adopt::PortBy::unknown:
      break;
  }
  return "unknown";
}

ordered_json to_json(const base::Error& warning, const std::string& service) {
  return {{"code", base::to_string(warning.code)},
          {"message", warning.message},
          {"service", service},
          {"file", warning.at.file},
          {"line", warning.at.line},
          {"column", warning.at.column},
          {"help", warning.suggestion}};
}

ordered_json named(const std::vector<std::pair<std::string, adopt::Place>>& pairs) {
  ordered_json out = ordered_json::array();
  for (const auto& [name, at] : pairs) {
    ordered_json one{{"name", name}};
    one.update(place(at));
    out.push_back(std::move(one));
  }
  return out;
}

ordered_json to_json(const adopt::Service& service) {
  ordered_json out{{"name", service.name},
                   {"folder", service.folder.empty() ? "." : service.folder},
                   {"kind", service.backing ? "backing" : "service"},
                   {"language", service.language},
                   {"because", place(service.because)},
                   {"written", service.untold.empty()}};
  if (!service.untold.empty()) out["why"] = service.untold;
  if (service.backing) {
    out["image"] = service.image;
    out["scheme"] = service.scheme;
  } else {
    out["commands"] = {{"build", command(service.build)},
                       {"test", command(service.test)},
                       {"lint", command(service.lint)},
                       {"run", command(service.run)}};
  }
  if (service.port) {
    out["port"] = {{"value", *service.port}};
    out["port"].update(place(service.port_at));
  } else {
    out["port"] = nullptr;
  }
  if (!service.backing) {
    out["portBy"] = {{"how", how(service.port_by)}, {"variable", service.port_variable}};
    out["portBy"].update(place(service.port_by_at));
  }
  out["dockerfile"] = service.dockerfile ? ordered_json(service.dockerfile->file) : ordered_json(nullptr);
  out["compose"] = service.compose ? place(service.compose->at) : ordered_json(nullptr);
  out["uses"] = service.uses;
  out["needs"] = named(service.needs);
  out["secrets"] = named(service.secrets);
  ordered_json env = ordered_json::array();
  for (const adopt::Variable& variable : service.env) {
    env.push_back({{"name", variable.name}, {"value", variable.value}});
    env.back().update(place(variable.at));
  }
  out["env"] = std::move(env);
  if (!service.health.empty()) {
    out["health"] = {{"ready", service.health}};
    out["health"].update(place(service.health_at));
  } else {
    out["health"] = nullptr;
  }
  out["route"] = service.has_route() ? ordered_json("/" + service.name + "/**") : ordered_json(nullptr);
  return out;
}

std::string shown_port(const adopt::Service& service) {
  if (service.port) return fmt::format("{} ({})", *service.port, service.port_at.text());
  if (service.port_by != adopt::PortBy::unknown) return fmt::format("$PORT ({})", service.port_by_at.text());
  return "not told";
}

std::string shown_command(const adopt::FoundCommand& command) {
  if (command.argv.empty()) return "-";
  return adopt::shell_line(command.argv) + (command.at.file.empty() ? "" : "  (" + command.at.text() + ")");
}

std::string language_of(const adopt::Service& service) {
  if (service.backing) return service.image;
  return service.language.empty() ? "-" : service.language;
}

void print_commands(const adopt::Service& service, const output::Palette& colour, std::ostream& out) {
  if (service.backing) return;
  out << fmt::format("\n{}{}{}\n", colour.bold, service.name, colour.reset);
  if (service.fits) {
    out << fmt::format("  the commands of {}\n", service.language);
  } else {
    for (auto [name, found] : {std::pair{"build", &service.build}, std::pair{"test", &service.test},
                               std::pair{"lint", &service.lint}, std::pair{"run", &service.run}})
      out << fmt::format("  {:<8}{}\n", name, shown_command(*found));
  }
  for (const auto& [need, at] : service.needs)
    out << fmt::format("  {:<8}{}  ({})\n", "needs", need, at.text());
  if (!service.uses.empty()) out << fmt::format("  {:<8}{}\n", "uses", fmt::join(service.uses, ", "));
  if (!service.health.empty())
    out << fmt::format("  {:<8}GET {}  ({})\n", "health", service.health, service.health_at.text());
  for (const auto& [name, at] : service.secrets)
    out << fmt::format("  {:<8}{}  ({})\n", "secret", name, at.text());
}

void print_warning(const base::Error& warning, const output::Palette& colour, std::ostream& out) {
  std::string where = warning.at.file;
  if (warning.at.line > 0) where += fmt::format(":{}:{}", warning.at.line, std::max(1, warning.at.column));
  out << fmt::format("{}{}{}warning[{}]{}: {}\n", where, where.empty() ? "" : ": ", colour.yellow,
                     base::to_string(warning.code), colour.reset, warning.message);
  if (!warning.suggestion.empty()) out << fmt::format("  help: {}\n", warning.suggestion);
}

}  // namespace

std::expected<Adoption, base::Errors> look_around(Context& context) {
  context.signals.watch({SIGINT, SIGTERM});
  auto languages = scaffolds::toolchains();
  if (!languages) return fail(std::move(languages.error()));
  auto above = workspace::find_root(context.folder);
  const std::string root = above ? *above : context.folder;
  git::IgnoredFolders ignored(root);
  auto repository =
      adopt::walk(root, {.languages = &*languages,
                         .ignored = [&](const std::string& folder) { return ignored.is_ignored(folder); },
                         .interrupted = [&] { return context.signals.interrupted(); }});
  if (!repository) return fail(std::move(repository.error()));
  adopt::Reader reader(*repository);
  Adoption out{root, above.has_value(), {}};
  out.proposal = adopt::propose(reader, {&*languages, adopt::read_existing(reader)});
  if (!above) look_at_git(root, ignored, *languages, out.proposal);
  if (!out.proposal.services.empty() || !out.proposal.files.empty()) return out;
  if (!above) return fail(nothing_found(root, *languages, out.proposal));
  return fail(base::fail(base::Code::alreadyWorkspace,
                         fmt::format("{} is a workspace, and no service is found that is not in it", root),
                         "msctl check")
                  .error());
}

ordered_json to_json(const Adoption& adoption) {
  const adopt::Proposal& proposal = adoption.proposal;
  ordered_json services = ordered_json::array(), files = ordered_json::array(),
               warnings = ordered_json::array();
  for (const adopt::Service& service : proposal.services) {
    services.push_back(to_json(service));
    for (const base::Error& warning : service.warnings) warnings.push_back(to_json(warning, service.name));
  }
  for (const base::Error& warning : proposal.warnings) warnings.push_back(to_json(warning, ""));
  for (const adopt::ProposedFile& file : proposal.files)
    files.push_back({{"path", file.path}, {"content", file.content}});
  return {{"workspace", proposal.workspace},
          {"root", adoption.root},
          {"services", std::move(services)},
          {"files", std::move(files)},
          {"warnings", std::move(warnings)}};
}

void print(const Adoption& adoption, bool colours, std::ostream& out) {
  const adopt::Proposal& proposal = adoption.proposal;
  const output::Palette& colour = output::palette(colours);
  output::Table table({"SERVICE", "FOLDER", "LANGUAGE", "PORT", "FROM"});
  for (const adopt::Service& service : proposal.services)
    table.add({service.name, service.folder.empty() ? "." : service.folder, language_of(service),
               shown_port(service), service.because.text()});
  table.write(out, colours);
  for (const adopt::Service& service : proposal.services) print_commands(service, colour, out);

  if (!proposal.files.empty()) out << "\nto be written:\n";
  for (const adopt::ProposedFile& file : proposal.files) out << fmt::format("  {}\n", file.path);

  bool first = true;
  auto warn = [&](const base::Error& warning) {
    if (first) out << '\n';
    first = false;
    print_warning(warning, colour, out);
  };
  for (const adopt::Service& service : proposal.services) {
    if (!service.untold.empty()) {
      base::Error untold{base::Code::adoptUntold,
                         fmt::format("{}: nothing is written: {}", service.name, service.untold),
                         {},
                         {},
                         service.untold_help,
                         {}};
      untold.at.file = service.because.file;
      untold.at.line = service.because.line;
      warn(untold);
    }
    for (const base::Error& warning : service.warnings) warn(warning);
  }
  for (const base::Error& warning : proposal.warnings) warn(warning);

  std::vector<std::string> secrets;
  for (const adopt::Service& service : proposal.services)
    for (const auto& [name, at] : service.secrets)
      if (service.untold.empty() && std::ranges::find(secrets, name) == secrets.end())
        secrets.push_back(name);
  if (secrets.empty()) return;
  out << "\nsecrets, whose values are copied nowhere; give them in the environment, or in .env beside "
         "msctl.yaml:\n";
  for (const std::string& name : secrets) out << fmt::format("  {}=…\n", name);
}

}  // namespace msctl::cli::join
