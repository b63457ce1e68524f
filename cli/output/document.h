// How a command says what it found. One document serves all forms: the text for people is a view of the same
// facts.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <iosfwd>

#include "cli/context.h"
#include "runtime/base/error.h"

namespace msctl::cli::output {

using Text = std::function<void(std::ostream&)>;

// The result of a command that succeeded: `text`, or {"schema":1,"ok":true} with `fields` behind. Call it
// once.
void print(Context& context, const nlohmann::ordered_json& fields, const Text& text);

// A result with faults in it, such as a status of which one service failed: as above with "ok":false and
// "errors"; as text, the errors follow on stderr. The command then returns a status, not the errors.
void print(Context& context, const nlohmann::ordered_json& fields, const Text& text,
           const base::Errors& errors);

// Nothing but errors: text on stderr, or {"schema":1,"ok":false,"errors":[…]} on stdout.
void print(Context& context, const base::Errors& errors);

// One of many, as they come: `text`, or the object on one line (YAML: a document after ---). Flushed.
void print_line(Context& context, const nlohmann::ordered_json& object, const Text& text);

}  // namespace msctl::cli::output
