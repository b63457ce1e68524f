// A folder that goes with its owner.
#pragma once

#include <string>
#include <utility>

#include "runtime/base/error.h"

namespace msctl::system {

class TemporaryFolder {
public:
  // PARENT/NAME-XXXXXX, for its owner alone. The parent is there already. Errors: cannotWrite.
  static base::Result<TemporaryFolder> make(const std::string& parent, const std::string& name);
  // Below the folder for temporary files (TMPDIR, or /tmp). Errors: cannotWrite.
  static base::Result<TemporaryFolder> make(const std::string& name);
  // Removes it with all that is in it, unless it is kept.
  ~TemporaryFolder();
  TemporaryFolder(TemporaryFolder&& other) noexcept
      : path_(std::exchange(other.path_, {})), kept_(other.kept_) {}
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;

  const std::string& path() const { return path_; }
  void keep() { kept_ = true; }

private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}

  std::string path_;
  bool kept_ = false;
};

}  // namespace msctl::system
