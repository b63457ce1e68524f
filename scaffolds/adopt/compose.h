// A Compose file, as far as it tells which services there are, what they need, and where they listen.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scaffolds/adopt/dockerfile.h"
#include "scaffolds/adopt/variables.h"

namespace msctl::scaffolds::adopt {

struct EnvFile {
  std::string path;  // from the root
  Place at;
  bool required = true;
};

struct ComposeService {
  std::string name;
  Place at;
  std::string context;  // of its build, from the root; "" is the root
  bool builds = false;
  std::string dockerfile;              // from the root
  std::string target;                  // the stage
  std::vector<std::string> arguments;  // values of the build's
  std::string image;
  Place image_at;
  std::vector<std::pair<int, Place>> ports;  // within the container
  std::vector<Variable> env;
  std::vector<EnvFile> env_files;
  std::vector<std::pair<std::string, Place>> needs;  // depends_on, links
  std::optional<ImageCommand> command, entrypoint, health;
  Place command_at, health_at;
  std::vector<std::pair<std::string, Place>> unused;  // keys that mean something which msctl cannot do
};

struct Compose {
  std::string name;  // of the project
  std::vector<ComposeService> services;
  base::Errors errors;
};

// Whether Compose takes a file of that name by itself; their order is the one in which it looks.
const std::vector<std::string>& compose_names();

// `file`: from the root.
Compose read_compose(const std::string& file, const yaml::Node& document);

}  // namespace msctl::scaffolds::adopt
