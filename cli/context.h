// Everything that a command may touch of the outside, injected: so that a test runs a command without a
// process.
#pragma once

#include <csignal>
#include <functional>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/clock.h"

namespace msctl::cli {

class Catalogue;

// What is known of the three standard streams.
struct Terminal {
  bool in = false;
  bool out = false;
  bool err = false;
  int columns = 80;  // of the terminal, if there is one
};

// Signals, for commands that end in an orderly way. Until `watch` is called SIGINT and SIGTERM end the
// process at once, with status 130; after it the watched ones are only noted, and the command must look.
class Signals {
public:
  virtual ~Signals() = default;
  virtual void watch(const std::vector<int>& signals) = 0;
  // Readable while a watched signal waits to be taken: for poll(2), beside other descriptors.
  virtual int descriptor() const = 0;
  // The next signal, in the order of arrival, or nothing.
  virtual std::optional<int> take() = 0;
  // Whether SIGINT or SIGTERM has come since `watch`, taken or not.
  virtual bool interrupted() const = 0;
};

enum class Format { table, json, yaml };

// The flags that every command takes, resolved.
struct Settings {
  Format format = Format::table;
  bool colour_out = false;
  bool colour_err = false;
  bool following = false;  // lines have been printed: what follows must be one object a line, too
};

struct Context {
  std::istream& in;
  std::ostream& out;  // data
  std::ostream& err;  // messages and progress
  std::map<std::string, std::string> environment;
  const base::Clock& clock;
  Signals& signals;
  std::string folder;   // absolute: the working folder, or that of -C
  std::string program;  // the path of this msctl, for starting itself again
  Terminal terminal;
  const Catalogue* catalogue = nullptr;
  Settings settings{};

  std::optional<std::string> variable(const std::string& name) const;
  // A path as the user typed it, made absolute against `folder`. The process's own working folder plays no
  // part.
  std::string path(const std::string& typed) const;
  // The reader of a pipe has gone: a command that prints on and on ends, with success.
  bool reader_gone() const;
};

}  // namespace msctl::cli
