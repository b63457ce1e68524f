// Files of other tools, as `msctl init` reads them: none may bring it down, and a Dockerfile's ports, lines
// and expansions stay within bounds.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "scaffolds/adopt/compose.h"
#include "scaffolds/adopt/dockerfile.h"
#include "scaffolds/adopt/formats.h"
#include "scaffolds/adopt/makefile.h"
#include "scaffolds/adopt/variables.h"
#include "tests/fuzz/check.h"

using namespace msctl::scaffolds::adopt;

namespace {

void check_dockerfile(const std::string& text) {
  const int lines = 1 + static_cast<int>(std::count(text.begin(), text.end(), '\n'));
  const Dockerfile file = parse_dockerfile(text);
  auto within = [&](int line) { return line >= 1 && line <= lines; };
  for (const DockerStage& stage : file.stages) {
    FUZZ_CHECK(within(stage.at));
    for (const ImagePort& port : stage.ports)
      FUZZ_CHECK(port.port >= 1 && port.port <= 65535 && within(port.at));
    for (const auto& [name, variable] : stage.env)
      FUZZ_CHECK(variable.value.size() <= 65536 && within(variable.at));
    for (const auto* command : {&stage.command, &stage.entrypoint, &stage.health})
      if (*command) FUZZ_CHECK(within((*command)->at));
  }
  FUZZ_CHECK(file.stage().has_value() == !file.stages.empty());
}

void check_tree(const msctl::base::Result<msctl::yaml::Node>& tree) {
  if (!tree) FUZZ_CHECK(tree.error().code == msctl::base::Code::adoptUnreadable);
  if (tree)
    for (const ComposeService& service : read_compose("compose.yaml", *tree).services) {
      FUZZ_CHECK(!service.context.starts_with("..") && !service.context.starts_with('/'));
      for (const auto& [port, at] : service.ports) FUZZ_CHECK(port >= 1 && port <= 65535);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  check_dockerfile(text);
  check_tree(parse_json("a.json", text));
  check_tree(parse_toml("a.toml", text));
  check_tree(parse_xml("a.xml", text));
  check_tree(parse_yaml("a.yaml", text));
  for (const auto& [name, target] : parse_makefile(text)) FUZZ_CHECK(!name.empty() && target.at >= 1);
  for (const Variable& variable : parse_env_file(".env", text)) FUZZ_CHECK(is_variable_name(variable.name));
  if (auto words = simple_words(text)) FUZZ_CHECK(!words->empty());
  FUZZ_CHECK(interpolation_of(text).size() <= 8 * text.size() + 8);
  return 0;
}
