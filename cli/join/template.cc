#include "cli/join/template.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/command.h"
#include "cli/join/ask.h"
#include "cli/output/table.h"
#include "runtime/base/names.h"
#include "runtime/base/yaml/node.h"
#include "runtime/workspace/schema.h"
#include "scaffolds/embedded.h"
#include "scaffolds/templates/inspect.h"

namespace msctl::cli::join {
namespace {

namespace templates = scaffolds::templates;
using nlohmann::ordered_json;
using templates::shown;
using templates::Variable;

constexpr const char* service_file = "service.yaml";

base::Result<std::string> ask_for(Context& context, const Variable& variable) {
  const std::string prompt =
      fmt::format("{} ({}): ", shown(variable.description), shown(templates::expectation(variable)));
  for (;;) {
    auto value = ask(context, prompt);
    if (!value) return value;
    auto fits = templates::check_value(variable, *value);
    if (fits) return value;
    context.err << fmt::format("{}: {}\n", fits.error().message, shown(fits.error().expected));
  }
}

ordered_json value_of(const Variable& variable, const std::string* text) {
  if (text == nullptr) return nullptr;
  if (variable.type == Variable::Type::boolean) return *text == "true";
  if (variable.type != Variable::Type::integer) return *text;
  std::int64_t number = 0;
  std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

ordered_json to_json(const Variable& variable, const templates::Values& values) {
  auto value = values.find(variable.name);
  ordered_json out{{"name", variable.name},
                   {"type", templates::type_name(variable.type)},
                   {"default", value_of(variable, variable.fallback ? &*variable.fallback : nullptr)},
                   {"value", value_of(variable, value == values.end() ? nullptr : &value->second)},
                   {"description", variable.description}};
  if (!variable.pattern.empty()) out["pattern"] = variable.pattern;
  if (variable.minimum) out["minimum"] = *variable.minimum;
  if (variable.maximum) out["maximum"] = *variable.maximum;
  if (!variable.choices.empty()) out["choices"] = variable.choices;
  return out;
}

// What the workspace would say of the new service.yaml, said before it is there.
base::Errors judge_service(const std::string& name, const std::string& text,
                           const workspace::Workspace& workspace) {
  const yaml::Document document = yaml::parse(name, text);
  base::Errors errors = document.errors;
  if (errors.empty())
    schema::validate(document.root, *workspace::service_schema(scaffolds::language_names()), errors);
  const yaml::Node* needs = errors.empty() ? document.root.find("needs") : nullptr;
  if (needs == nullptr) return errors;
  const std::vector<std::string> known = workspace.service_names();
  for (const yaml::Node& need : needs->items)
    if (need.scalar != "redis" && workspace.find(need.scalar) == nullptr)
      errors.push_back({base::Code::unknownNeed,
                        fmt::format("the template needs a service '{}'", need.scalar),
                        need.location(),
                        base::either(known),
                        "make that service first",
                        {}});
  return errors;
}

}  // namespace

std::expected<ChosenTemplate, base::Errors> choose_template(Context& context, const std::string& source,
                                                            const std::vector<std::string>& settings,
                                                            bool dry_run) {
  auto address = templates::parse_address(source);
  if (!address) return fail(std::move(address.error()));
  context.signals.watch({SIGINT, SIGTERM});
  auto loaded = templates::load(*address, context.folder, [&] { return context.signals.interrupted(); });
  if (!loaded) return std::unexpected(std::move(loaded.error()));
  auto values = templates::given_values(loaded->description, settings);
  if (!values) return std::unexpected(std::move(values.error()));

  const std::vector<const Variable*> missing = templates::missing(loaded->description, *values);
  if (!missing.empty() && !dry_run) {
    if (!can_ask(context)) return fail(templates::missing_values(missing));
    for (const Variable* variable : missing) {
      auto value = ask_for(context, *variable);
      if (!value) return fail(std::move(value.error()));
      values->emplace(variable->name, std::move(*value));
    }
  }
  return ChosenTemplate{std::move(*address), std::move(*loaded), std::move(*values)};
}

std::expected<scaffolds::Tree, base::Errors> render_template(const ChosenTemplate& chosen,
                                                             const scaffolds::ServiceRequest& request,
                                                             const workspace::Workspace& workspace) {
  auto tree = templates::render(chosen.source, request, chosen.values);
  if (!tree) return fail(std::move(tree.error()));
  // A dry run may leave sentinels, which need not be what a value would be.
  if (templates::missing(chosen.source.description, chosen.values).empty())
    if (auto errors = judge_service(fmt::format("{}/{}", chosen.address.shown(), service_file),
                                    tree->at(service_file).content, workspace);
        !errors.empty())
      return std::unexpected(std::move(errors));
  return std::move(*tree);
}

bool needs_redis(const scaffolds::Tree& tree) {
  const yaml::Document document = yaml::parse(service_file, tree.at(service_file).content);
  const yaml::Node* needs = document.root.find("needs");
  return needs != nullptr &&
         std::ranges::find(needs->items, "redis", &yaml::Node::scalar) != needs->items.end();
}

ordered_json to_json(const ChosenTemplate& chosen) {
  const templates::Description& description = chosen.source.description;
  ordered_json variables = ordered_json::array();
  for (const Variable& variable : description.variables)
    variables.push_back(to_json(variable, chosen.values));
  return {{"template",
           {{"source", chosen.address.shown()},
            {"commit", chosen.source.commit},
            {"title", description.title},
            {"description", description.description},
            {"language", description.language}}},
          {"variables", std::move(variables)}};
}

void print_variables(const ordered_json& document, std::ostream& out) {
  if (!document.contains("variables") || document["variables"].empty()) return;
  output::Table table({"VARIABLE", "TYPE", "DEFAULT", "VALUE", "DESCRIPTION"});
  auto text = [](const ordered_json& value) {
    return value.is_null() ? "-" : shown(value.is_string() ? value.get<std::string>() : value.dump());
  };
  for (const ordered_json& variable : document["variables"])
    table.add({text(variable["name"]), text(variable["type"]), text(variable["default"]),
               text(variable["value"]), text(variable["description"])});
  table.write(out, false);
  out << '\n';
}

}  // namespace msctl::cli::join
