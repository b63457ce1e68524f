// A clean working copy, as a CI system would check it out: the files that git would keep, as they are now, in
// a repository of its own that borrows the objects of the user's. Nothing in it is ignored, built or left
// over.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/git/repository.h"
#include "runtime/git/snapshot.h"

namespace msctl::pipeline {

class WorkingCopy {
public:
  // Below `parent`, which is made where it is not there. Errors: cannotWrite, unreadableFile (a file that
  // went while it was copied).
  static base::Result<WorkingCopy> make(const std::string& parent, const std::string& name,
                                        const git::Repository& repository,
                                        const std::vector<git::SnapshotFile>& files);
  // Removes it, unless it is kept.
  ~WorkingCopy();
  WorkingCopy(WorkingCopy&& other) noexcept;
  WorkingCopy& operator=(WorkingCopy&&) = delete;

  const std::string& folder() const { return folder_; }  // absolute
  void keep() { kept_ = true; }

private:
  explicit WorkingCopy(std::string folder) : folder_(std::move(folder)) {}

  std::string folder_;
  bool kept_ = false;
};

}  // namespace msctl::pipeline
