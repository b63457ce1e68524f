// libgit2, linked statically, and begun when the first repository is looked at.
//
// What it needs for its remotes is begun apart: Debian's build reads all certificates of the system at its
// start (8 ms), which nobody is to wait for who looks at a repository on the disk.
#pragma once

#include <git2.h>

#include <memory>
#include <string>

#include "runtime/base/error.h"

namespace msctl::git {

// Before any call of libgit2; each further time does nothing.
void begin();
// Also TLS and ssh. Errors: internal.
base::Result<void> begin_remotes();

// Why the call that failed last in this thread did, on one line.
std::string reason();

// A thing of libgit2 with the function that frees it.
template <class T>
using Owned = std::unique_ptr<T, void (*)(T*)>;

}  // namespace msctl::git
