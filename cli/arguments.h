// What was typed (or set in the environment, or is the default), checked: a command reads it and need not
// judge it again.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/clock.h"

namespace msctl::cli {

// Asking for a flag or an argument that the command does not describe is a fault in msctl: std::logic_error.
class Arguments {
public:
  // Whether the flag was given, on the command line or in the environment.
  bool given(std::string_view flag) const;

  bool on(std::string_view flag) const;           // of a switch
  std::string text(std::string_view flag) const;  // its default, or empty
  std::optional<std::string> maybe(std::string_view flag) const;
  std::int64_t integer(std::string_view flag) const;
  base::Duration duration(std::string_view flag) const;
  std::vector<std::string> list(std::string_view flag) const;

  // By the argument's name: "SERVICE".
  std::vector<std::string> words(std::string_view argument) const;
  std::string word(std::string_view argument) const;  // empty when left out

  // For the parser.
  struct Values {
    std::vector<std::string> texts;
    bool given = false;
  };
  std::map<std::string, Values, std::less<>> flags;
  std::map<std::string, std::vector<std::string>, std::less<>> positional;

private:
  const Values& at(std::string_view flag) const;
};

}  // namespace msctl::cli
