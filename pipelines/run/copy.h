// A clean working copy, as a CI system would check it out: the files that git would keep, as they are now, in
// a repository of its own that borrows the objects of the user's. Nothing in it is ignored, built or left
// over.
#pragma once

#include <sys/types.h>

#include <ctime>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/git/repository.h"
#include "runtime/git/snapshot.h"
#include "runtime/system/temporary.h"

namespace msctl::pipeline {

class WorkingCopy {
public:
  // Below `parent`, which is made where it is not there. Errors: cannotWrite, unreadableFile (a file that
  // went while it was copied).
  static base::Result<WorkingCopy> make(const std::string& parent, const git::Repository& repository,
                                        const std::vector<git::SnapshotFile>& files);
  // As if it had just been made, with the same repository and files: what is not exactly what was put there
  // (inode, mode, size, times of content and of the inode) goes, and what is missing comes again.
  base::Result<void> clean(const git::Repository& repository, const std::vector<git::SnapshotFile>& files);

  // Removed with the copy, unless it is kept.
  const std::string& folder() const { return folder_.path(); }  // absolute
  void keep() { folder_.keep(); }

private:
  struct Stamp {
    ino_t inode;
    mode_t mode;
    off_t size;  // of a folder: none of these
    timespec modified, changed;
    bool operator==(const Stamp& other) const;
  };
  using Stamps = std::map<std::string, Stamp>;  // by path below the folder

  explicit WorkingCopy(system::TemporaryFolder folder) : folder_(std::move(folder)) {}
  base::Result<Stamps> look() const;
  base::Result<void> fill(const git::Repository& repository, const std::vector<git::SnapshotFile>& files,
                          const Stamps& there);

  system::TemporaryFolder folder_;
  Stamps stamps_;
};

}  // namespace msctl::pipeline
