// What `logs --grep` takes: a POSIX extended regular expression, as grep -E. Copies share what is compiled.
#pragma once

#include <memory>
#include <string>

#include "runtime/base/error.h"

namespace msctl::release {

class Pattern {
public:
  // Empty: everything fits. Errors: usage.
  static base::Result<Pattern> make(const std::string& text);

  bool fits(const std::string& line) const;

private:
  struct Compiled;
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace msctl::release
