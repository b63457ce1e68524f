// What comes from others with a template: its description, the paths of its files, its address. A path that
// passes stays inside, whatever it is made of.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "scaffolds/templates/address.h"
#include "scaffolds/templates/inspect.h"
#include "scaffolds/templates/template.h"
#include "tests/fuzz/check.h"

using namespace msctl::scaffolds;

namespace {

void check_inside(const std::string& path) {
  const std::filesystem::path normal = std::filesystem::path(path).lexically_normal();
  FUZZ_CHECK(normal.is_relative() && normal.string() == path);
  for (const auto& name : normal) FUZZ_CHECK(name != ".." && !templates::is_git_name(name.string()));
  FUZZ_CHECK(templates::shown(path) == path);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (templates::check_path(text)) check_inside(text);
  const std::string shown = templates::shown(text);
  FUZZ_CHECK(templates::shown(shown) == shown);
  if (auto address = templates::parse_address(text)) {
    FUZZ_CHECK(!address->place.empty());
    if (!address->inside.empty()) check_inside(address->inside);
  }

  auto description = templates::parse_description("template.yaml", text, {"go"});
  if (!description) {
    FUZZ_CHECK(!description.error().empty());
    return 0;
  }
  auto values = templates::given_values(*description, {});
  FUZZ_CHECK(values.has_value());
  templates::Template source{*description, {}, {}};
  source.files["service.yaml"].content = "service: " + description->name + "\n";
  source.files[description->name + "/x"].content = text;
  if (auto tree = templates::render(source, {"orders", {}, {}}, *values))
    for (const auto& [path, file] : *tree) check_inside(path);
  return 0;
}
