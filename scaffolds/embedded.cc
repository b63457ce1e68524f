#include "scaffolds/embedded.h"

#include <algorithm>
#include <cstddef>

// From bytes.S: the contents of all files, one after the other.
extern "C" const char msctl_scaffold_bytes[] __attribute__((visibility("hidden")));

namespace msctl::scaffolds {
namespace {

struct Record {
  std::string_view language;
  std::string_view path;
  bool executable;
  std::size_t offset;
  std::size_t size;
};

constexpr Record records[] = {
#define SCAFFOLD_FILE(language, path, executable, offset, size) {language, path, executable, offset, size},
#include "files.inc"
#undef SCAFFOLD_FILE
};

constexpr std::string_view template_folder = "template/";

std::vector<EmbeddedLanguage> collect() {
  std::vector<EmbeddedLanguage> out;
  for (const Record& record : records) {
    auto language = std::ranges::find(out, record.language, &EmbeddedLanguage::name);
    if (language == out.end()) language = out.insert(out.end(), {record.language, {}, {}, {}});
    std::string_view content(msctl_scaffold_bytes + record.offset, record.size);
    if (record.path == "language.yaml") language->description = content;
    if (record.path == "Dockerfile") language->dockerfile = content;
    if (record.path.starts_with(template_folder))
      language->files.push_back({record.path.substr(template_folder.size()), record.executable, content});
  }
  std::ranges::sort(out, {}, &EmbeddedLanguage::name);
  for (EmbeddedLanguage& language : out) std::ranges::sort(language.files, {}, &EmbeddedFile::path);
  return out;
}

}  // namespace

const std::vector<EmbeddedLanguage>& languages() {
  static const std::vector<EmbeddedLanguage> all = collect();
  return all;
}

const EmbeddedLanguage* find_language(std::string_view name) {
  auto found = std::ranges::find(languages(), name, &EmbeddedLanguage::name);
  return found == languages().end() ? nullptr : &*found;
}

std::vector<std::string> language_names() {
  std::vector<std::string> out;
  for (const EmbeddedLanguage& language : languages()) out.emplace_back(language.name);
  return out;
}

base::Result<toolchain::Languages> toolchains(const std::set<std::string>& used) {
  std::vector<toolchain::Language> all;
  for (const EmbeddedLanguage& language : languages()) {
    if (!used.contains(std::string(language.name))) continue;
    auto parsed =
        toolchain::parse_language(std::string(language.name) + "/language.yaml", language.description);
    if (!parsed) return std::unexpected(std::move(parsed.error()));
    all.push_back(std::move(*parsed));
  }
  return toolchain::Languages(std::move(all));
}

base::Result<toolchain::Languages> toolchains() {
  std::vector<std::string> names = language_names();
  return toolchains(std::set<std::string>(names.begin(), names.end()));
}

}  // namespace msctl::scaffolds
