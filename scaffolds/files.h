// Puts new files beside what is there: all of them or none.
//
// Each is written under a hidden name beside its place and, when all are complete, moved there by rename(2)
// with RENAME_NOREPLACE: a file that appeared in the meantime is an error, never
// overwritten. On an error, or when `interrupted` says so, whatever was made is removed again, also folders.
// What a killed process left hidden is removed by the next one there: such a file is locked (flock) by its
// maker as long as that lives.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "runtime/base/error.h"

namespace msctl::scaffolds {

struct FileAt {
  std::string path;
  std::string content;
};

// The first of `files` is put in place last: it is what makes the others count. Errors: exists, cannotWrite,
// interrupted.
base::Result<void> place_files(const std::vector<FileAt>& files, const std::function<bool()>& interrupted);

}  // namespace msctl::scaffolds
