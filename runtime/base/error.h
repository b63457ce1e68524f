// An error is a value: a code, what is wrong, where, what was expected, and what to try.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <expected>
#include <string>
#include <vector>

#include "runtime/base/codes.h"

namespace msctl::base {

// A place in a file. Lines and columns count from 1; 0 means that the place is not known.
struct Location {
  std::string file;
  int line = 0;
  int column = 0;
  int length = 1;    // how many columns the caret underlines
  std::string text;  // the line itself, for showing it
};

struct Error {
  Code code{};
  std::string message;     // what is wrong, one sentence without a full stop
  Location at;             // where, if it is in a file
  std::string expected;    // what would have been right
  std::string suggestion;  // "did you mean 'needs'?", or the next command to type
  std::vector<std::string> notes;
};

using Errors = std::vector<Error>;

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(Code code, std::string message, std::string suggestion = {}) {
  Error error;
  error.code = code;
  error.message = std::move(message);
  error.suggestion = std::move(suggestion);
  return std::unexpected(std::move(error));
}

// By file, line, column, then code; equal ones once.
void sort_errors(Errors& errors);

// The text form, several lines, ending in a line break:
//   services/a/service.yaml:3:1: error[MSC1012]: unknown key 'nedes'
//       nedes: [b]
//       ^~~~~
//     expected: one of …
//     help: did you mean 'needs'?
struct Colours {
  std::string_view error, strong, help, reset;
};
std::string to_text(const Error& error, const Colours& colours = {});

// {"code","message","file","line","column","expected","suggestion"}: always all seven; absent ones are empty
// or 0.
nlohmann::ordered_json to_json(const Error& error);

// The exit status for a list of errors: that of the first after sorting, `failed` for an empty list.
Exit exit_for(const Errors& errors);

}  // namespace msctl::base
