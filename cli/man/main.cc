// msctl_man [--check] ROOT: writes man/*.1 and the reference pages docs/{commands,codes,files}.md below ROOT
// from the descriptions, or, with --check, tells which of them differ from what it would write. A build tool,
// not a part of msctl.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <string>

#include "cli/commands/catalogue.h"
#include "cli/describe/man.h"
#include "cli/describe/markdown.h"
#include "runtime/workspace/schema.h"
#include "scaffolds/embedded.h"

namespace {

namespace fs = std::filesystem;
using namespace msctl;
using namespace msctl::cli;

std::map<std::string, std::string> pages() {
  const Catalogue& catalogue = commands::catalogue();
  std::map<std::string, std::string> all{
      {"man/msctl.1", describe::manual(catalogue)},
      {"docs/commands.md", describe::commands_page(catalogue)},
      {"docs/codes.md", describe::codes_page()},
      {"docs/files.md", workspace::reference(scaffolds::language_names())}};
  for (const Command& command : catalogue.all())
    all.emplace("man/" + describe::manual_name(command) + ".1", describe::manual(catalogue, command));
  return all;
}

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Pages of commands that are no more.
std::map<std::string, fs::path> stale(const fs::path& root,
                                      const std::map<std::string, std::string>& wanted) {
  std::map<std::string, fs::path> found;
  if (!fs::exists(root / "man")) return found;
  for (const auto& entry : fs::directory_iterator(root / "man")) {
    std::string name = "man/" + entry.path().filename().string();
    if (entry.path().extension() == ".1" && !wanted.contains(name)) found.emplace(name, entry.path());
  }
  return found;
}

int check(const fs::path& root) {
  int drifted = 0;
  auto wanted = pages();
  for (const auto& [name, text] : wanted)
    if (read(root / name) != text) ++drifted, std::cerr << name << " differs from the description\n";
  for (const auto& each : stale(root, wanted)) ++drifted, std::cerr << each.first << " has no command\n";
  if (drifted > 0) std::cerr << "'./dev man' writes the pages anew\n";
  return drifted > 0 ? 1 : 0;
}

int write(const fs::path& root) {
  auto wanted = pages();
  for (const auto& each : stale(root, wanted)) fs::remove(each.second);
  for (const auto& [name, text] : wanted) {
    fs::create_directories((root / name).parent_path());
    std::ofstream out(root / name, std::ios::binary);
    if (!(out << text)) return std::cerr << "cannot write " << name << '\n', 1;
  }
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  bool checking = count == 3 && std::string(arguments[1]) == "--check";
  if (count != 2 && !checking) return std::cerr << "usage: msctl_man [--check] ROOT\n", 64;
  return checking ? check(arguments[2]) : write(arguments[1]);
}
