// New content, written whole before any of it takes its place: a file hidden beside the one that it replaces;
// what goes into a folder that is not there yet, within that folder, which is hidden itself and appears with
// all that is in it.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/generated/below.h"
#include "runtime/generated/plan.h"
#include "runtime/system/staging.h"

namespace msctl::generated {

class Staged {
public:
  explicit Staged(Below& below);

  // To be written; the content stays the caller's until then. `step`: nullptr for the lock.
  base::Result<void> add(const std::string& path, std::string_view content, bool executable,
                         const Step* step);

  // On several threads. Errors: cannotWrite, interrupted.
  base::Result<void> write(const std::function<bool()>& interrupted);

  // Whether what is to be replaced is as it was looked at. Errors: changedMeanwhile, cannotWrite.
  base::Result<void> expect_unchanged() const;

  // From here on all is on the disk, and only renamed: the folders, then the files as they were added.
  base::Result<void> place();

private:
  struct File {
    std::string path, hidden;
    std::string destination;  // empty: it comes with a new folder
    std::string_view content;
    bool executable = false;
    unsigned mode = 0;  // of what it replaces; 0: there is none
    const Step* step = nullptr;
  };
  struct NewFolder {
    std::string path, hidden, destination;
  };

  std::string hidden_in(const std::string& folder);
  base::Result<std::string> new_folder(const std::string& path);
  base::Result<void> write(const File& file) const;

  Below& below_;
  std::string token_;  // of all hidden names
  std::size_t count_ = 0;
  std::vector<File> files_;
  std::vector<NewFolder> folders_;
  std::map<std::string, std::string> made_;         // by the path of a new folder: where it is written
  std::map<std::string, bool, std::less<>> swept_;  // folders in which nothing is left over
  system::staging::Undo undo_;
};

// Nothing where the file is as the step found it. Errors: changedMeanwhile, unreadableFile.
base::Result<void> expect_unchanged(const Below& below, const Step& step);

}  // namespace msctl::generated
