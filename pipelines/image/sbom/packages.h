// What is in an image that its service's authors did not write: read from lock files, and, for shared
// libraries, from what dpkg knows of this machine.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"

namespace msctl::image {

struct Package {
  std::string name, version;
  std::string purl;             // "pkg:npm/%40scope/name@1.0.0": the package URL specification
  std::string algorithm, hash;  // "SHA256" and hex; empty: none is told
  std::string license;          // an SPDX expression, where the lock file has one
  bool operator==(const Package&) const = default;
};

// By purl, each once.
using Packages = std::vector<Package>;
Packages sorted(Packages packages);

// Each from one format; `file`: for errors, which are noPackages.
base::Result<Packages> from_go_mod(std::string_view text, const std::string& file);
base::Result<Packages> from_package_lock(std::string_view text, const std::string& file);
base::Result<Packages> from_requirements(std::string_view text, const std::string& file);
base::Result<Packages> from_cargo_lock(std::string_view text, const std::string& file);

// Package URLs, one a line; empty lines and what begins with '#' are passed over.
base::Result<Packages> from_list(std::string_view text, const std::string& file);

// "spring-core-6.2.1.jar" → its parts, and its group from where Maven keeps it:
// repository/org/springframework/….
base::Result<Packages> from_jars(const std::string& folder, const std::string& repository);

// The Debian packages that own these files. `dpkg`: /var/lib/dpkg.
Packages from_dpkg(const std::vector<std::string>& files, const std::string& dpkg, const std::string& arch);

// Those of a service of this language, in this folder. Errors: noPackages.
struct Place {
  std::string language, folder;
  std::vector<std::string> programs;  // whose shared libraries are in the image
  std::string maven;                  // Maven's repository
  std::string arch;
  std::string list;  // a file of package URLs; empty: none
};
base::Result<Packages> packages_of(const Place& place);

}  // namespace msctl::image
