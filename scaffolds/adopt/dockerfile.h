// A Dockerfile, as far as it tells how a service runs: the last stage, with what it inherits from the stages
// that it builds on. Variables of ARG and ENV are replaced as the builder replaces them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace msctl::scaffolds::adopt {

// CMD, ENTRYPOINT: the words of the exec form, or the line that a shell would get.
struct ImageCommand {
  std::vector<std::string> words;  // of the exec form; empty: the shell form
  std::string line;                // of the shell form
  int at = 0;                      // line in the file
};

struct ImagePort {
  int port = 0;
  bool udp = false;
  int at = 0;
};

struct ImageVariable {
  std::string value;
  int at = 0;
};

struct DockerStage {
  std::string base;  // the image, or the name of an earlier stage
  std::string name;  // AS …, in lower case
  std::vector<ImagePort> ports;
  std::map<std::string, ImageVariable> env;
  std::optional<ImageCommand> command, entrypoint, health;
  std::string folder;  // WORKDIR
  int at = 0;
};

struct Dockerfile {
  std::vector<DockerStage> stages;
  // In ports without meaning, instructions that cannot be read: {line, what}.
  std::vector<std::pair<int, std::string>> faults;

  // The stage of that name, or the last one, with all that it inherits; nothing where there is no FROM.
  std::optional<DockerStage> stage(std::string_view target = {}) const;
};

// Never fails: what cannot be understood is left out, as `faults` where it matters.
Dockerfile parse_dockerfile(std::string_view text);

// $VAR, ${VAR}, ${VAR:-word} and ${VAR:+word}; a backslash takes a '$' its meaning.
std::string expand(std::string_view text, const std::map<std::string, std::string>& variables);

// A shell's line as words, where it is so simple that no shell is needed; else nothing. ${PORT} is then
// $PORT, which msctl replaces.
std::optional<std::vector<std::string>> simple_words(std::string_view text);

}  // namespace msctl::scaffolds::adopt
