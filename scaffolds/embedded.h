// The languages that this binary carries: each folder of scaffolds/languages, as it was in the tree at build
// time.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/toolchain/language.h"

namespace msctl::scaffolds {

struct EmbeddedFile {
  std::string_view path;  // below the template: "cmd/service/main.go"
  bool executable = false;
  std::string_view content;
};

struct EmbeddedLanguage {
  std::string_view name;
  std::string_view description;      // language.yaml
  std::vector<EmbeddedFile> files;   // of template/, by path
  std::string_view dockerfile = {};  // builds what the template makes; empty: the language has none
};

// By name.
const std::vector<EmbeddedLanguage>& languages();

const EmbeddedLanguage* find_language(std::string_view name);

std::vector<std::string> language_names();

// The language.yaml files of those in `used`, parsed. An error here is a fault of the build; a test parses
// each.
base::Result<toolchain::Languages> toolchains(const std::set<std::string>& used);

// Those of all languages.
base::Result<toolchain::Languages> toolchains();

}  // namespace msctl::scaffolds
