// From a built service to an image in a layout, without a daemon and without root: a layer of dependencies
// and one of the service itself on top of a base.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "pipelines/image/direct/base.h"
#include "pipelines/image/layer/entries.h"
#include "pipelines/image/layer/pack.h"
#include "runtime/workspace/recipe.h"

namespace msctl::image {

// What the texts of a recipe stand for: "folder", "work", …
using Variables = std::map<std::string, std::string>;
std::string expand(const std::string& text, const Variables& variables);

struct Content {
  Entries dependencies, application;
};

// `folder`: of the service. On scratch the C library and the loader are dependencies, too. Errors: imageFile.
base::Result<Content> collect(const workspace::Recipe& recipe, const Variables& variables,
                              const std::string& folder, bool on_scratch);

struct Settings {
  std::string service;
  Platform platform;
  std::vector<std::string> run;
  std::vector<std::pair<std::string, std::string>> variables;
  PackOptions pack;
};

// Its manifest is in the layout afterwards, under no name. Errors: imageFile, cannotWrite, interrupted.
base::Result<Descriptor> assemble(const Layout& layout, const Base& base, const Content& content,
                                  const Settings& settings);

// Where in an image the service is.
constexpr std::string_view home = "app";

}  // namespace msctl::image
