// Every way in which msctl can fail has one stable code, MSCnnnn, and each code has one exit status.
//
// The codes live in codes/*.inc, one file a family (1xxx workspace and usage, 2xxx local run, 3xxx gateway,
// 4xxx build and pipelines, 5xxx cluster). One entry holds all that is known of a code: its name here,
// number, exit status, title, and the three texts that `msctl explain` prints. A number, once released, keeps
// its meaning.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace msctl::base {

// Exit statuses of the program: sysexits(3) where it has a fitting one.
enum class Exit : int {
  ok = 0,
  failed = 1,        // the thing asked for was tried and failed
  changes = 2,       // changes or drift, only with --check or --exit-code
  usage = 64,        // a wrong command line, or a name that does not exist
  config = 65,       // a wrong workspace or configuration
  unavailable = 69,  // something needed is not there
  temporary = 75,    // locked by someone else, or timed out waiting
  interrupted = 130  // ended by Ctrl-C
};

enum class Code : std::uint16_t {
#define MSC_CODE(name, number, exit, title, cause, example, cure) name = number,
#include "runtime/base/codes/all.inc"
#undef MSC_CODE
};

struct CodeInfo {
  Code code;
  Exit exit;
  std::string_view title;    // a few words, lower case
  std::string_view cause;    // what leads to it
  std::string_view example;  // the input or command that shows it
  std::string_view cure;     // what to do
};

// All codes, ascending.
std::span<const CodeInfo> all_codes();

const CodeInfo& info(Code code);

// "MSC1012".
std::string to_string(Code code);

// From "MSC1012", "msc1012" or "1012"; nothing if there is no such code.
std::optional<Code> code_from(std::string_view text);

}  // namespace msctl::base
