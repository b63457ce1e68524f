// The working tree beside the index: which tracked files are not what the index remembers, and what is there
// that it does not know. Looks at names and times only, and reads no file; on several threads.
#pragma once

#include <string>
#include <vector>

#include "runtime/git/index_file.h"

namespace msctl::git {

struct Scan {
  // Indices of entries.
  std::vector<std::size_t> missing;
  std::vector<std::size_t> suspects;  // other times, size, mode, or so new that the times prove nothing
  // Files, links, and folders ("new/", not looked into) that no entry names. Whether they are ignored is not
  // asked.
  std::vector<std::string> unknown;
};

// `prefix`: only what is below this folder ("shop/"), or empty. `written`: when the index itself was.
Scan scan(const std::string& work_folder, const Index& index, const std::string& prefix, FileTime written);

}  // namespace msctl::git
