// The linker's --wrap (CMakeLists.txt) leads libgit2's own calls of the two initialisers of its remotes here,
// where they are put off.
#include "runtime/git/library.h"

#include <algorithm>
#include <array>

extern "C" {
int __real_git_mbedtls_stream_global_init();   // NOLINT
int __real_git_transport_ssh_global_init();    // NOLINT
int __wrap_git_mbedtls_stream_global_init() {  // NOLINT
  return 0;
}
int __wrap_git_transport_ssh_global_init() {  // NOLINT
  return 0;
}
}

namespace msctl::git {

void begin() {
  static const bool begun = [] {
    git_libgit2_init();
    // A repository of another user is read: its owner matters where git runs what a configuration names,
    // which libgit2 never does, and in containers of CI systems owners are rarely right.
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    // Extensions that do not change how objects are stored.
    std::array extensions{"worktreeconfig", "partialclone"};
    git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions.data(), extensions.size());
    return true;
  }();
  static_cast<void>(begun);
}

base::Result<void> begin_remotes() {
  begin();
  static const bool begun =
      __real_git_mbedtls_stream_global_init() == 0 && __real_git_transport_ssh_global_init() == 0;
  if (!begun) return base::fail(base::Code::internal, reason());
  return {};
}

std::string reason() {
  const git_error* last = git_error_last();
  std::string out = last != nullptr && last->message != nullptr ? last->message : "unknown";
  std::ranges::replace(out, '\n', ' ');
  return out;
}

}  // namespace msctl::git
