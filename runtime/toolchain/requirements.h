// Whether a language's toolchain is there and new enough, before a service is built with it.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "runtime/system/processes.h"
#include "runtime/toolchain/language.h"

namespace msctl::toolchain {

// Where a program is, or empty: system::find_program, or a test's own.
using FindProgram = std::function<std::string(const std::string&)>;

// What is missing or too old, or nothing. The error (toolMissing) names the Debian package that brings it.
std::optional<base::Error> missing(const Requirement& requirement, system::Processes& processes,
                                   const FindProgram& find);

// The first requirement of the language that is not met.
std::optional<base::Error> missing(const Language& language, system::Processes& processes,
                                   const FindProgram& find);

// The first dotted number in what a program says of its version: "go version go1.22.3 linux/amd64" →
// "1.22.3".
std::string version_in(std::string_view text);

// Compared part by part as numbers; "1.9" is older than "1.10".
bool is_at_least(std::string_view version, std::string_view wanted);

}  // namespace msctl::toolchain
