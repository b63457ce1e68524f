#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/names.h"
#include "scaffolds/embedded.h"
#include "scaffolds/templates/inspect.h"
#include "scaffolds/templates/source.h"
#include "scaffolds/templates/template.h"

namespace msctl::scaffolds::templates {
namespace {

constexpr std::uint64_t largest_description = 1'000'000;

std::unexpected<base::Errors> fail(base::Error error) {
  return std::unexpected(base::Errors{std::move(error)});
}

base::Error no_template(const Source& source, const Address& address) {
  base::Error error{
      base::Code::noTemplate, fmt::format("{} has no {}", address.shown(), description_file), {}, {}, {}, {}};
  std::vector<std::string> below;
  for (const std::string& folder : source.folders_with(std::string(description_file)))
    if (check_path(folder)) below.push_back(folder);
  if (below.empty()) return error;
  error.expected = base::either(below);
  Address first = address;
  first.inside += (first.inside.empty() ? "" : "/") + below.front();
  error.suggestion = "name one of its templates: --template " + first.shown();
  return error;
}

}  // namespace

std::expected<Template, base::Errors> load(const Address& address, const std::string& base_folder,
                                           const std::function<bool()>& interrupted) {
  auto source = open_source(address, base_folder, interrupted);
  if (!source) return fail(std::move(source.error()));
  if (!(*source)->has_file(std::string(description_file))) return fail(no_template(**source, address));
  auto entries = (*source)->list(most_files + 1);
  if (!entries) return fail(std::move(entries.error()));
  if (auto safe = inspect(*entries); !safe) return fail(std::move(safe.error()));

  auto described = std::ranges::find(*entries, description_file, &Entry::path);
  if (described == entries->end() || described->size > largest_description)
    return fail({base::Code::templateTooLarge,
                 fmt::format("{} has more than 1 MB", description_file),
                 {},
                 {},
                 {},
                 {}});
  auto text = (*source)->read(*described);
  if (!text) return fail(std::move(text.error()));
  auto description = parse_description(fmt::format("{}/{}", address.shown(), description_file),
                                       std::move(*text), language_names());
  if (!description) return std::unexpected(std::move(description.error()));

  Template out{std::move(*description), (*source)->commit(), {}};
  for (const Entry& entry : *entries) {
    if (interrupted())
      return fail({base::Code::interrupted, "interrupted; nothing was changed", {}, {}, {}, {}});
    if (entry.path == description_file) continue;
    auto content = (*source)->read(entry);
    if (!content) return fail(std::move(content.error()));
    out.files.emplace(entry.path, NewFile{std::move(*content), entry.executable});
  }
  return out;
}

}  // namespace msctl::scaffolds::templates
