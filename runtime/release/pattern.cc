#include "runtime/release/pattern.h"

#include <fmt/format.h>
#include <regex.h>

namespace msctl::release {

struct Pattern::Compiled {
  regex_t expression{};
  bool valid = false;
  Compiled() = default;
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;
  ~Compiled() {
    if (valid) ::regfree(&expression);
  }
};

base::Result<Pattern> Pattern::make(const std::string& text) {
  Pattern out;
  if (text.empty()) return out;
  auto compiled = std::make_shared<Compiled>();
  if (int error = ::regcomp(&compiled->expression, text.c_str(), REG_EXTENDED | REG_NOSUB); error != 0) {
    char why[256];
    ::regerror(error, &compiled->expression, why, sizeof why);
    return base::fail(base::Code::usage, fmt::format("--grep: '{}' is no regular expression: {}", text, why));
  }
  compiled->valid = true;
  out.compiled_ = std::move(compiled);
  return out;
}

bool Pattern::fits(const std::string& line) const {
  return !compiled_ || ::regexec(&compiled_->expression, line.c_str(), 0, nullptr, 0) == 0;
}

}  // namespace msctl::release
