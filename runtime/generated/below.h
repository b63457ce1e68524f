// Files below one root, and never beyond it, whatever a symbolic link says. Each folder is looked at once,
// however many files of it are asked for.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "runtime/base/error.h"

namespace msctl::generated {

class Below {
public:
  explicit Below(const std::string& root);

  struct Folder {
    std::string real;    // where it is, or would be, links followed
    bool there = false;  // a folder that exists
  };
  // `path`: relative, with '/'; empty: the root itself. The result stays where it is. Errors:
  // generatedOutside, cannotWrite (no such root).
  base::Result<const Folder*> folder(const std::string& path);

  // The file that a path stands for: it may be a link itself. Errors: as above.
  base::Result<std::string> file(const std::string& path);

  // For other threads, once the folder of `path` has been asked for: nothing where there is no such file.
  // Errors: unreadableFile, generatedOutside.
  base::Result<std::optional<std::string>> read(const std::string& path) const;

private:
  base::Result<std::string> follow(const std::string& path) const;

  std::string root_;  // real
  int error_ = 0;     // of the root
  std::map<std::string, Folder, std::less<>> folders_;
};

// "services/orders" of "services/orders/Dockerfile"; empty for what stands in the root.
std::string folder_of(const std::string& path);

}  // namespace msctl::generated
