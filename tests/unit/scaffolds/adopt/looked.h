// A repository on the disk, looked at with the languages that the program carries.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>

#include "scaffolds/adopt/propose.h"
#include "scaffolds/embedded.h"
#include "tests/catch.h"

namespace msctl::scaffolds {

namespace fs = std::filesystem;
using Argv = toolchain::Argv;

struct Looked {
  explicit Looked(const std::map<std::string, std::string>& files) {
    std::string name = (fs::temp_directory_path() / "adopt-test-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    root = name;
    for (const auto& [path, content] : files) {
      fs::create_directories((root / path).parent_path());
      std::ofstream(root / path) << content;
    }
    auto languages = toolchains();
    REQUIRE(languages);
    auto repository = adopt::walk(name, {.languages = &*languages, .ignored = {}, .interrupted = {}});
    REQUIRE(repository);
    adopt::Reader reader(*repository);
    proposal = adopt::propose(reader, {&*languages, adopt::read_existing(reader)});
  }
  Looked(const Looked&) = delete;
  Looked& operator=(const Looked&) = delete;
  ~Looked() { fs::remove_all(root); }

  const adopt::Service& operator[](const std::string& folder) const {
    for (const adopt::Service& service : proposal.services)
      if (service.folder == folder) return service;
    throw std::out_of_range(folder);
  }
  std::vector<std::string> folders() const {
    std::vector<std::string> out;
    for (const adopt::Service& service : proposal.services) out.push_back(service.folder);
    return out;
  }

  fs::path root;
  adopt::Proposal proposal;
};

inline const std::string go_main = "package main\n\nfunc main() { os.Getenv(\"PORT\") }\n";
inline const std::string java_main = "package x.y;\nclass Main { public static void main(String[] a) {} }\n";

}  // namespace msctl::scaffolds
