// The file system behind an interface, with the promises that msctl makes about what a user owns: a reader of
// a file sees the old content or the new one, never half of it; what exists is never overwritten unless
// `replace` was asked for; a tree is made whole or not at all.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"

namespace msctl::system {

// One file of a tree to be made.
struct TreeFile {
  std::string path;  // relative, with '/', without ".."
  std::string content;
  bool executable = false;
};

class Files {
public:
  virtual ~Files() = default;

  virtual bool exists(const std::string& path) const = 0;

  // Errors: unreadableFile.
  virtual base::Result<std::string> read(const std::string& path) const = 0;

  // Names in a folder, sorted, without "." and "..". Errors: unreadableFile.
  virtual base::Result<std::vector<std::string>> list(const std::string& folder) const = 0;

  // Writes to a temporary file beside `path` and renames it over `path`; an existing file's mode is kept,
  // missing folders are made. Errors: cannotWrite; then what was there is as before.
  virtual base::Result<void> replace(const std::string& path, std::string_view content) = 0;

  // As `replace`, but only where nothing stands. Errors: exists, cannotWrite.
  virtual base::Result<void> create(const std::string& path, std::string_view content) = 0;

  // Makes the folder `root` with all files in it, by building it beside `root` and renaming. Errors: exists,
  // cannotWrite; then nothing was made.
  virtual base::Result<void> create_tree(const std::string& root, const std::vector<TreeFile>& files) = 0;

  // Errors: cannotWrite. Nothing there is no error.
  virtual base::Result<void> remove_file(const std::string& path) = 0;
};

class RealFiles final : public Files {
public:
  bool exists(const std::string& path) const override;
  base::Result<std::string> read(const std::string& path) const override;
  base::Result<std::vector<std::string>> list(const std::string& folder) const override;
  base::Result<void> replace(const std::string& path, std::string_view content) override;
  base::Result<void> create(const std::string& path, std::string_view content) override;
  base::Result<void> create_tree(const std::string& root, const std::vector<TreeFile>& files) override;
  base::Result<void> remove_file(const std::string& path) override;
};

}  // namespace msctl::system
