// What stands behind --template: SOURCE[//INSIDE][@REF].
//
//   ./templates//go                                 a folder; it has no versions, so no @REF
//   https://git.example/team/templates.git//go@v1   also ssh:// and file://
//   git@git.example:team/templates.git@main         as scp writes it: ssh
#pragma once

#include <string>
#include <string_view>

#include "runtime/base/error.h"

namespace msctl::scaffolds::templates {

struct Address {
  enum class Kind { folder, git };
  Kind kind = Kind::folder;
  std::string place;   // the folder as typed, or the repository's URL
  std::string inside;  // "go", or empty
  std::string ref;     // only of git

  // As typed, but without a password.
  std::string shown() const;
};

// Errors: usage.
base::Result<Address> parse_address(std::string_view text);

}  // namespace msctl::scaffolds::templates
