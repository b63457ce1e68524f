// One description of a command, from which come parsing, --help, its manual page, docs/commands.md and
// completion.
//
// It is plain data: nothing here acts, except `run`. Texts use `backticks` around what a person types; an
// empty line parts paragraphs; lines that begin with four spaces are shown as they stand.
#pragma once

#include <cstdint>
#include <expected>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"

namespace msctl::cli {

struct Context;
class Arguments;

// What a value is: decides how it is checked and how it is completed.
enum class Kind {
  text,
  integer,   // within [minimum, maximum]
  duration,  // 10s, 1m30s
  choice,    // one of `choices`
  file,
  folder,
  service,        // the name of a service of this workspace
  service_count,  // SERVICE=N
  command,        // the name of a command of msctl
  code            // MSC1012
};

struct Flag {
  std::string name{};   // the long form, without dashes
  char letter = 0;      // the short form, or none
  std::string value{};  // what help calls its value: "N", "DURATION"; empty: a switch
  Kind kind = Kind::text;
  std::string doc{};       // one sentence, without a full stop
  std::string fallback{};  // the default, as it would be typed
  std::vector<std::string> choices{};
  bool many = false;      // may be given several times
  bool commas = false;    // a value is a list, parted by commas; implies `many`
  bool optional = false;  // --affected[=BASE]: the value only with '='; without it, `implied`
  std::string implied{};
  bool required = false;
  bool everywhere = false;  // means the same in every command that has it: MSCTL_<FLAG> sets it, too
  std::int64_t minimum = std::numeric_limits<std::int64_t>::min();
  std::int64_t maximum = std::numeric_limits<std::int64_t>::max();

  bool is_switch() const { return value.empty(); }
};

struct Argument {
  std::string name{};  // "SERVICE"
  Kind kind = Kind::text;
  std::string doc{};
  bool required = true;
  bool many = false;  // takes all that follow; only the last argument of a command
  std::vector<std::string> choices{};
};

struct Example {
  std::string line{};  // what to type
  std::string doc{};   // what it does
};

// An exit status with what it means for this command. 0 and 64 need not be stated.
struct ExitMeaning {
  base::Exit status = base::Exit::ok;
  std::string doc{};
};

// Under which heading `msctl --help` lists it.
enum class Section { start, run, gateway, generate, more };

// A status that is not an error (0, 2 for drift, 1 for "one of the services failed" which the output tells),
// or the errors, which the caller prints in the form that was asked for and turns into a status.
using Outcome = std::expected<base::Exit, base::Errors>;

inline std::unexpected<base::Errors> fail(base::Error error) {
  return std::unexpected(base::Errors{std::move(error)});
}

struct Command {
  std::string path{};  // "gateway run"; a group such as "gateway" has no `run`
  Section section = Section::more;
  std::string summary{};  // for lists, without a full stop
  std::string description{};
  std::vector<Argument> arguments{};
  std::vector<Flag> flags{};  // without those that every command takes
  std::vector<Example> examples{};
  std::vector<ExitMeaning> exits{};
  Outcome (*run)(Context&, const Arguments&) = nullptr;

  bool is_group() const { return run == nullptr; }
  std::string_view name() const;  // the last word of the path
  const Flag* flag(std::string_view long_name) const;
};

// The flags that every command takes: --output, --color, -C, --help.
const std::vector<Flag>& common_flags();

// The environment variables which set a flag, first the one that wins: MSCTL_RUN_DETACH, then MSCTL_DETACH if
// `everywhere`. `help` has none.
std::vector<std::string> variables(std::string_view command_path, const Flag& flag);

// All commands, described on demand: a start of msctl should not pay for the texts of commands that it does
// not run.
class Catalogue {
public:
  struct Entry {
    std::string path;
    Command (*describe)();
  };
  explicit Catalogue(std::vector<Entry> entries) : entries_(std::move(entries)) {}

  const Command* find(std::string_view path) const;
  bool has(std::string_view path) const;
  // Every command that can be run, and every group, by path.
  const std::vector<Command>& all() const;
  // The words that can follow `group` ("" for the top): "run", "check", …
  std::vector<std::string> words_after(std::string_view group) const;

private:
  std::vector<Entry> entries_;
  mutable std::vector<Command> all_;
  mutable std::vector<std::unique_ptr<Command>> found_;
};

}  // namespace msctl::cli
