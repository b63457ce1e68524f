// What goes into a service's image and how it is built for one: the section `image` of language.yaml, as
// data.
//
// Texts may hold {folder} (of the service), {work} (a folder for this service's image alone), {arch} (as OCI
// names it), {home}, {cargo} (where cargo keeps its sources). An image has the service's files below /app,
// where they stand in the service's folder after a build.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "runtime/base/schema/schema.h"

namespace msctl::toolchain {

// Files and folders on their way into a layer.
struct ImageFiles {
  std::string from;                 // a file or a folder, in the service's folder unless absolute
  std::string to;                   // below /app; empty: where it stands in the service's folder
  std::vector<std::string> except;  // globs, within `from`
  bool optional = false;            // it need not be there
};

struct Image {
  std::string base;  // "scratch", or a reference; empty: no image without a Dockerfile
  std::vector<std::string>
      locks;              // files without which nothing is pinned; "FILE: OTHER: TEXT" where OTHER has TEXT
  bool portable = false;  // the build is the same, or told by {arch}, on every processor
  std::vector<std::pair<std::string, std::string>> environment;  // of the steps, over the service's own
  std::vector<std::vector<std::string>> build;                   // instead of the language's steps
  std::vector<ImageFiles> dependencies, application;             // a layer each
  std::vector<std::string> programs;  // the shared libraries that these load are dependencies, too
  std::vector<std::pair<std::string, std::string>> variables;  // of the running service
  std::vector<std::string> run;                                // empty: the language's
};

schema::TypePtr image_type();

// `node`: one that fits image_type().
Image image_of(const yaml::Node& node);

}  // namespace msctl::toolchain
