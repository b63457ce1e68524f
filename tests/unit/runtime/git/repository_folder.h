// A repository in a temporary folder, made and changed by the program git, which is also the oracle.
#pragma once

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/catch.h"

namespace msctl::tests {

class RepositoryFolder {
public:
  RepositoryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "msctl-git-XXXXXX").string();
    path_ = std::filesystem::canonical(::mkdtemp(pattern.data())).string();
    git("init -q -b main");
  }
  ~RepositoryFolder() { std::filesystem::remove_all(path_); }
  RepositoryFolder(const RepositoryFolder&) = delete;
  RepositoryFolder& operator=(const RepositoryFolder&) = delete;

  const std::string& path() const { return path_; }
  std::filesystem::path at(const std::string& name) const { return std::filesystem::path(path_) / name; }

  void write(const std::string& name, const std::string& content) const {
    std::filesystem::create_directories(at(name).parent_path());
    std::ofstream(at(name), std::ios::binary) << content;
  }
  std::string read(const std::string& name) const {
    std::ifstream file(at(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  // What the command prints; it must succeed.
  std::string shell(const std::string& command) const {
    FILE* pipe = ::popen(("cd '" + path_ + "' && " + command).c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string out;
    std::array<char, 4096> buffer;
    for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
      out.append(buffer.data(), n);
    INFO(command);
    REQUIRE(::pclose(pipe) == 0);
    return out;
  }
  std::string git(const std::string& arguments) const {
    return shell("git -c user.name=a -c user.email=a@example.com -c protocol.file.allow=always " + arguments);
  }
  std::string commit(const std::string& message = "x") const {
    git("add -A");
    git("commit -q --allow-empty -m " + message);
    return git("rev-parse HEAD").substr(0, 40);
  }

private:
  std::string path_;
};

}  // namespace msctl::tests
