// What `msctl init` proposes for a repository: its services, and the files that would make it a workspace.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "scaffolds/adopt/service.h"

namespace msctl::scaffolds::adopt {

// A service that has its service.yaml.
struct Known {
  std::string name, scheme;
};

// What is there already, in a workspace.
struct Existing {
  bool workspace = false;             // there is a msctl.yaml
  std::vector<std::string> patterns;  // its `services`
  Place patterns_at;
  std::set<std::string> names;           // of its services
  std::map<std::string, Known> folders;  // with a service.yaml, from the root
  std::set<std::string> foreign;         // with a service.yaml of another tool, such as Kubernetes
};

Existing read_existing(Reader& reader);

struct ProposedFile {
  std::string path;  // from the root
  std::string content;
};

struct Proposal {
  std::string workspace;          // its name
  std::vector<Service> services;  // new ones, by name; backing services behind the others
  std::vector<ProposedFile> files;
  base::Errors warnings;  // of no single service
};

struct ProposeOptions {
  const toolchain::Languages* languages = nullptr;
  Existing existing;
};

Proposal propose(Reader& reader, const ProposeOptions& options);

// For an error: what a service is known by. One line a language.
std::vector<std::string> marks(const toolchain::Languages& languages);

// The parts of propose.
std::vector<Service> find_services(Reader& reader, const ProposeOptions& options, Proposal& out);
void name_services(const std::string& root, const std::set<std::string>& taken,
                   std::vector<Service>& services);
std::string label_of(const std::string& text);  // empty where nothing is left of it
void find_uses(Reader& reader, const ProposeOptions& options, std::vector<Service>& services);
void render(const ProposeOptions& options, Proposal& proposal);

}  // namespace msctl::scaffolds::adopt
