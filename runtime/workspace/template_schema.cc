// The format of template.yaml: what a template of others says of itself (scaffolds/templates reads it).
#include "runtime/workspace/schema.h"

namespace msctl::workspace {
namespace {

using schema::Kind;
using schema::TypePtr;

// JSON holds whole numbers without loss up to here.
constexpr std::int64_t largest = 9'007'199'254'740'991;

TypePtr variable() {
  return schema::object({
      {"type", schema::choice({"text", "integer", "boolean", "choice"}), "What its values are.", false,
       "text"},
      {"sentinel", schema::text("SAMPLE_CURRENCY"),
       "A word in the template's files and file names; where it stands alone, the value takes its place.",
       true},
      {"description", schema::text(), "What is asked for, in a sentence.", true},
      {"default", schema::text("EUR"), "Without one, --set must give a value, or a person at the terminal."},
      {"pattern", schema::text("[A-Z]{3}"), "RE2; of type text: the whole value must match."},
      {"minimum", schema::integer(-largest, largest), "Of type integer."},
      {"maximum", schema::integer(-largest, largest), "Of type integer."},
      {"choices", schema::list(schema::text("eu-west")), "Of type choice: the values that are allowed."},
  });
}

}  // namespace

schema::TypePtr template_schema(const std::vector<std::string>& languages) {
  std::vector<std::string> all = languages;
  all.push_back("none");
  return schema::object({
      {"title", schema::text("Payments (Go)"), "The name that people read.", true},
      {"description", schema::text(), "What a service made of it is.", false},
      {"language", schema::choice(std::move(all)), "What it is written in; 'none' for commands of its own.",
       true},
      {"name", schema::scalar(Kind::label, "sample-service"),
       "The service's name in the template, of two words or more; in all its case forms it becomes the new "
       "one.",
       true},
      {"variables", schema::map(variable()), "What else differs from service to service, by name."},
  });
}

}  // namespace msctl::workspace
