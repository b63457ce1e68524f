// What is found of one service, each part with the place that tells it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scaffolds/adopt/compose.h"
#include "scaffolds/adopt/dockerfile.h"
#include "scaffolds/adopt/rules.h"

namespace msctl::scaffolds::adopt {

struct FoundCommand {
  toolchain::Argv argv;  // empty: there is none
  Place at;
};

// How a service learns its port from msctl.
enum class PortBy {
  unknown,   // perhaps not at all
  PORT,      // it reads that variable
  variable,  // it reads another one
  argument   // $PORT stands in its command
};

struct Service {
  std::string name;
  std::string folder;    // from the root; "" is the root
  std::string outer;     // the outer project's
  std::string language;  // what it is written in; empty: not known
  Place because;         // why it is a service
  bool fits = false;     // laid out as msctl's own scaffolds: the language's commands fit

  std::optional<Place> dockerfile;
  std::optional<DockerStage> stage;        // of it
  std::optional<ComposeService> compose;   // of this service
  std::vector<std::string> compose_names;  // by which others call it

  FoundCommand build, test, lint, run;
  std::optional<int> port;  // as the program has it; msctl assigns its own
  Place port_at;
  PortBy port_by = PortBy::unknown;
  std::string port_variable;
  Place port_by_at;

  std::vector<std::string> uses;  // what it shares with others of its project, from the root
  std::vector<std::pair<std::string, Place>> needs;
  std::vector<Variable> env;
  std::vector<std::pair<std::string, Place>> secrets;
  std::vector<std::pair<std::string, std::string>> exports;  // variable → text for a shell, of a need's URL
  std::string health;
  Place health_at;

  bool known = false;  // it has its service.yaml: here only for those that need it

  // A backing service.
  bool backing = false;
  std::string image, scheme;

  std::string untold;  // why no service.yaml can be written; empty: one can
  std::string untold_help;
  base::Errors warnings;

  void warn(const Place& at, std::string message, std::string help = {});
  bool has_route() const { return !backing && (port || port_by != PortBy::unknown); }
  // service.yaml, from the root.
  std::string file() const { return join(folder, "service.yaml"); }
};

// The program that the image runs, with its arguments; and where that stands.
std::optional<FoundCommand> image_command(const Service& service);

// Its commands: the language's rules, a Makefile, the image's program.
void find_commands(Reader& reader, const toolchain::Language* language, Service& service);

// Its port, how it learns the one that msctl assigns, and how its health is asked.
void find_port(Reader& reader, const toolchain::Language* language, Service& service);
void find_health(Reader& reader, Service& service);

}  // namespace msctl::scaffolds::adopt
