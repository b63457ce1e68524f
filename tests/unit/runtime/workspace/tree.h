// A folder of files for one test, gone when the test ends.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace msctl::tests {

class Tree {
public:
  Tree() {
    std::string pattern = (std::filesystem::temp_directory_path() / "msctl-test-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
  }
  ~Tree() { std::filesystem::remove_all(root_); }
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  Tree& file(const std::string& path, const std::string& text) {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
    return *this;
  }
  std::string root() const { return root_.string(); }

private:
  std::filesystem::path root_;
};

}  // namespace msctl::tests
