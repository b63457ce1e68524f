// new service: services/NAME from a language's scaffold, or from a template of others.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/flags.h"
#include "cli/join/creation.h"
#include "cli/join/template.h"
#include "cli/join/workspace.h"
#include "cli/output/document.h"
#include "runtime/base/names.h"
#include "runtime/workspace/find.h"
#include "scaffolds/embedded.h"
#include "scaffolds/service.h"

namespace msctl::cli::commands {
namespace {

struct Options {
  std::string name;
  std::string language;
  std::vector<std::string> needs;
  std::string source;  // of a template; empty: the language's scaffold
  std::vector<std::string> settings;
  bool dry_run = false;
};

// The name is free: as a service, and as the path of a route.
base::Result<void> expect_free(const workspace::Workspace& workspace, const std::string& name) {
  if (const workspace::Service* there = workspace.find(name))
    return base::fail(base::Code::exists, fmt::format("there is a service '{}' in {}", name, there->relative),
                      "choose another name");
  return {};
}

base::Result<void> expect_needs(const workspace::Workspace& workspace, const Options& options) {
  if (std::ranges::find(options.needs, options.name) != options.needs.end())
    return base::fail(base::Code::usage, fmt::format("'{}' cannot need itself", options.name));
  std::vector<std::string> known = workspace.service_names();
  if (workspace.find("redis") == nullptr) known.emplace_back("redis");  // it would be made
  return expect_known(options.needs, known);
}

// Needs that speak HTTP get a client.
scaffolds::ServiceRequest request_of(const workspace::Workspace& workspace, const Options& options) {
  scaffolds::ServiceRequest out{options.name, {}, {}};
  for (const std::string& need : options.needs) {
    const workspace::Service* service = workspace.find(need);
    (service != nullptr && service->scheme == "http" ? out.needs : out.backing).push_back(need);
  }
  return out;
}

using Folders = std::vector<scaffolds::NewFolder>;

Folders folders_of(const workspace::Workspace& workspace, const Options& options, scaffolds::Tree tree,
                   bool wants_redis) {
  Folders out;
  if (wants_redis && workspace.find("redis") == nullptr && options.name != "redis")
    out.push_back({workspace.root + "/services/redis", scaffolds::redis_service()});
  out.push_back({workspace.root + "/services/" + options.name, std::move(tree)});
  return out;
}

base::Result<Folders> plan(const workspace::Workspace& workspace, const Options& options) {
  const scaffolds::EmbeddedLanguage& language = *scaffolds::find_language(options.language);
  auto description = toolchain::parse_language(options.language + "/language.yaml", language.description);
  if (!description) return std::unexpected(std::move(description.error()));
  if (options.name == "redis" && description->needs_redis)
    return base::fail(base::Code::usage, "'redis' is the name of the backing service that this one needs",
                      "choose another name");
  auto tree = scaffolds::render_service(language, *description, request_of(workspace, options));
  if (!tree) return std::unexpected(std::move(tree.error()));
  const bool wants_redis =
      description->needs_redis || std::ranges::find(options.needs, "redis") != options.needs.end();
  return folders_of(workspace, options, std::move(*tree), wants_redis);
}

// What is made, and for a template what is told of it.
struct Plan {
  Folders folders;
  nlohmann::ordered_json told = nlohmann::ordered_json::object();
};

std::expected<Plan, base::Errors> plan_template(Context& context, const workspace::Workspace& workspace,
                                                const Options& options) {
  auto chosen = join::choose_template(context, options.source, options.settings, options.dry_run);
  if (!chosen) return std::unexpected(std::move(chosen.error()));
  const std::string& language = chosen->source.description.language;
  if (!options.language.empty() && options.language != language)
    return fail({base::Code::usage,
                 fmt::format("the template is written in {}, not {}", language, options.language),
                 {},
                 {},
                 "leave out --language",
                 {}});
  auto tree = join::render_template(*chosen, request_of(workspace, options), workspace);
  if (!tree) return std::unexpected(std::move(tree.error()));
  const bool wants_redis = join::needs_redis(*tree);
  return Plan{folders_of(workspace, options, std::move(*tree), wants_redis), join::to_json(*chosen)};
}

std::expected<Plan, base::Errors> plan_either(Context& context, const workspace::Workspace& workspace,
                                              const Options& options) {
  if (!options.source.empty()) return plan_template(context, workspace, options);
  auto folders = plan(workspace, options);
  if (!folders) return fail(std::move(folders.error()));
  return Plan{std::move(*folders)};
}

base::Result<void> expect_origin(const Options& options) {
  if (options.source.empty() && options.language.empty()) {
    auto error =
        base::fail(base::Code::usage, "--language is missing", "or --template, for a template of others");
    error.error().expected = base::either(scaffolds::language_names());
    return error;
  }
  if (options.source.empty() && !options.settings.empty())
    return base::fail(base::Code::usage, "--set gives values to a template's variables",
                      "name the template: --template SOURCE");
  return {};
}

// A service in a folder that msctl.yaml does not name would be made, and never be seen again.
base::Result<void> expect_covered(const workspace::Workspace& workspace, const std::string& name) {
  std::string folder = "services/" + name;
  for (const std::string& pattern : workspace.service_patterns)
    if (workspace::covers(pattern, folder)) return {};
  return base::fail(base::Code::usage, fmt::format("{} would not belong to the workspace", folder),
                    "add it to 'services' in msctl.yaml: services: [services/*]");
}

Outcome create(Context& context, const Options& options) {
  if (auto valid = join::expect_label("service", options.name); !valid) return fail(valid.error());
  if (auto origin = expect_origin(options); !origin) return fail(origin.error());
  auto workspace = join::load_workspace(context);
  if (!workspace) return std::unexpected(std::move(workspace.error()));
  if (auto free = expect_free(*workspace, options.name); !free) return fail(free.error());
  if (auto known = expect_needs(*workspace, options); !known) return fail(known.error());
  if (auto covered = expect_covered(*workspace, options.name); !covered) return fail(covered.error());
  auto planned = plan_either(context, *workspace, options);
  if (!planned) return std::unexpected(std::move(planned.error()));
  if (!options.dry_run)
    if (auto placed = join::place(context, planned->folders); !placed) return fail(placed.error());

  const auto files = join::files_of(planned->folders, workspace->root);
  nlohmann::ordered_json document{{"service", options.name}, {"dryRun", options.dry_run}};
  document.update(planned->told);
  document["files"] = files;
  output::print(context, document, [&](std::ostream& out) {
    if (options.dry_run) {
      join::print_variables(planned->told, out);
      for (const std::string& file : files) out << file << '\n';
    } else
      out << fmt::format("made services/{} ({} files)\nnext: msctl run\n", options.name, files.size());
  });
  return base::Exit::ok;
}

Outcome run(Context& context, const Arguments& arguments) {
  std::vector<std::string> needs;
  for (const std::string& each : arguments.list("needs"))
    if (std::ranges::find(needs, each) == needs.end()) needs.push_back(each);
  return create(context, {.name = arguments.word("NAME"),
                          .language = arguments.text("language"),
                          .needs = std::move(needs),
                          .source = arguments.text("template"),
                          .settings = arguments.list("set"),
                          .dry_run = arguments.on("dry-run")});
}

}  // namespace

Command describe_new_service() {
  return {
      .path = "new service",
      .section = Section::start,
      .summary = "make a service from a language's scaffold, or from a template",
      .description =
          "Makes services/NAME: a service that builds, passes its tests and answers at the gateway under "
          "/NAME, with an "
          "example resource at /NAME/items whose data is in Redis. `services/redis` is made when it is "
          "needed and not "
          "there. Each need that is a service of this workspace gets a client with time-outs and retries.\n\n"
          "With `--template` the service is made from a template of others: a folder with a `template.yaml`, "
          "or "
          "such a folder of a git repository (`https://`, `ssh://`, `file://`, `git@host:path`). `//FOLDER` "
          "behind "
          "the source names one of several templates in it, `@REF` behind that a tag, a branch or a commit. "
          "The "
          "template's variables take their values from `--set`, from their defaults, or are asked for on a "
          "terminal; `--dry-run` lists them. Nothing of a template is run, and one with links, submodules, a "
          "`.git`, paths that lead outside, more than 10,000 files or 100 MB is refused.\n\n"
          "After an error or Ctrl-C nothing has been made; what exists is never overwritten.",
      .arguments = {{.name = "NAME", .doc = "of the service: a host name's label, such as `price-list`"}},
      .flags = {{.name = "language",
                 .letter = 'l',
                 .value = "LANGUAGE",
                 .kind = Kind::choice,
                 .doc = "the language to write it in",
                 .choices = scaffolds::language_names()},
                {.name = "template",
                 .value = "SOURCE[//FOLDER][@REF]",
                 .kind = Kind::folder,
                 .doc = "the template to make it from, instead of the language's scaffold"},
                {.name = "set",
                 .value = "VARIABLE=VALUE",
                 .doc = "the value of one of the template's variables",
                 .many = true},
                {.name = "needs",
                 .value = "SERVICE",
                 .kind = Kind::service,
                 .doc = "the services that it calls",
                 .many = true,
                 .commas = true},
                {.name = "dry-run", .doc = "list the files, and make none"}},
      .examples = {{"msctl new service orders --language go --needs inventory", "with a client of inventory"},
                   {"msctl new service orders --language go --dry-run", "what would be made"},
                   {"msctl new service orders --template https://git.example/team/templates.git//go@v2 "
                    "--set currency=EUR",
                    "from one of several templates, as it was at a tag"}},
      .exits = {{base::Exit::failed, "the service exists or cannot be written, or the template is refused"},
                {base::Exit::config, "the workspace or the template's description has errors"},
                {base::Exit::unavailable, "the template cannot be reached"},
                {base::Exit::interrupted, "interrupted; nothing was made"}},
      .run = run};
}

}  // namespace msctl::cli::commands
