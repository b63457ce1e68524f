// libgit2, loaded when the first repository is looked at.
//
// It is not linked: Debian's libgit2.a drags in libssh2, mbedtls, http-parser, pcre2 and MIT Kerberos, of
// which there is no static library at all; and as shared libraries they would cost each start of msctl 8 ms,
// though hardly any command has to do with git. Without it every other command works.
#pragma once

#include <git2.h>

#include <memory>
#include <string>

#include "runtime/base/error.h"

namespace msctl::git {

struct Library {
#define MSCTL_GIT_FUNCTION(name) decltype(&::git_##name) name = nullptr;
#include "runtime/git/functions.inc"
#undef MSCTL_GIT_FUNCTION

  // The reason of the call that failed last, on one line.
  std::string reason() const;
};

// Loaded and initialised by the first call. Errors: gitMissing, which names the package.
base::Result<const Library*> library();

// A thing of libgit2 with the function that frees it.
template <class T>
using Owned = std::unique_ptr<T, void (*)(T*)>;

}  // namespace msctl::git
