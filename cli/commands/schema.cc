// schema: the formats of the files that people write, as JSON Schema.
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/output/document.h"
#include "runtime/workspace/schema.h"
#include "scaffolds/embedded.h"

namespace msctl::cli::commands {
namespace {

Outcome run(Context& context, const Arguments& arguments) {
  std::string name = arguments.word("FILE");
  if (name.empty()) name = "msctl";
  auto schema = workspace::json_schema(name, scaffolds::language_names());
  // The document's own keys beside the schema's leave it a valid schema: unknown keywords have no meaning
  // there.
  output::print(context, schema, [&](std::ostream& out) { out << schema.dump(2) << '\n'; });
  return base::Exit::ok;
}

}  // namespace

Command describe_schema() {
  return {
      .path = "schema",
      .section = Section::start,
      .summary = "print the format of a file as JSON Schema",
      .description =
          "Prints a JSON Schema (2020-12), from which editors complete keys and show what they mean. The "
          "same "
          "description validates the files in `msctl check`.",
      .arguments =
          {{.name = "FILE",
            .kind = Kind::choice,
            .doc =
                "`msctl` for msctl.yaml (the default), `service` for service.yaml, `gateway` for the file of "
                "`msctl gateway run`, `keys` for a file of API keys",
            .required = false,
            .choices = workspace::schema_names()}},
      .examples = {{"msctl schema service > service.schema.json", "for an editor"}},
      .run = run};
}

}  // namespace msctl::cli::commands
