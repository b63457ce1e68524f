// A folder for one test, removed after it.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "tests/catch.h"

namespace msctl::tests {

struct Scratch {
  std::filesystem::path root;
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "scaffold-test-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    root = name;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { std::filesystem::remove_all(root); }

  std::set<std::string> entries() const {
    std::set<std::string> out;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
      out.insert(entry.path().lexically_relative(root).string());
    return out;
  }
  std::string operator/(const char* name) const { return (root / name).string(); }
};

}  // namespace msctl::tests
