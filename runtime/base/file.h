// Reading a file whole. Writing, and everything else that touches the disk, stands behind runtime/system.
#pragma once

#include <string>

#include "runtime/base/error.h"

namespace msctl::base {

// Errors: unreadableFile with the system's reason. At most 64 MiB: more is no file that msctl reads.
Result<std::string> read_file(const std::string& path);

}  // namespace msctl::base
