// What goes into a service's image and how it is built for one, as data: the section `image` of
// language.yaml, and `image` of a service.yaml whose commands are its own.
//
// Texts may hold {folder} (of the service), {work} (a folder for this service's image alone), {arch} (as OCI
// names it), {home}, {cargo} (where cargo keeps its sources). An image has the service's files below /app,
// where they stand in the service's folder after a build, unless told otherwise.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/base/schema/schema.h"

namespace msctl::workspace {

// Files and folders on their way into a layer.
struct RecipeFiles {
  std::string from;  // a file or a folder, in the service's folder unless absolute
  std::string to;    // below /app unless absolute; empty: where it stands in the service's folder
  std::vector<std::string> except;  // globs, within `from`
  bool optional = false;            // it need not be there
};

struct Recipe {
  std::string base;  // "scratch", or a reference; empty: no image without a Dockerfile
  std::vector<std::string>
      locks;              // files without which nothing is pinned; "FILE: OTHER: TEXT" where OTHER has TEXT
  bool portable = false;  // the build is the same, or told by {arch}, on every processor
  std::vector<std::pair<std::string, std::string>> environment;  // of the steps, over the service's own
  std::vector<std::vector<std::string>> build;                   // instead of the language's steps
  std::vector<RecipeFiles> dependencies, application;            // a layer each
  std::vector<std::string> programs;  // the shared libraries that these load are dependencies, too
  std::string packages;               // a file that lists what else is in it: package URLs, one a line
  std::vector<std::pair<std::string, std::string>> variables;  // of the running service
  std::vector<std::string> run;                                // empty: the language's, or the service's
};

schema::TypePtr language_recipe_type();
// Without what `build` of the service tells.
schema::TypePtr service_recipe_type();

// `node`: one that fits either type.
Recipe recipe_of(const yaml::Node& node);

// What a service's own recipe must keep to beyond its type: its files are the service's.
void check_recipe(const yaml::Node& node, base::Errors& errors);

}  // namespace msctl::workspace
