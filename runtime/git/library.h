// libgit2, loaded when the first repository is looked at.
//
// It is not linked: Debian's libgit2.a drags in libssh2, mbedtls, http-parser, pcre2 and MIT Kerberos, of which
// there is no static library at all; and as shared libraries they would cost each start of msctl 8 ms, though
// hardly any command has to do with git. Without it every other command works.
#pragma once

#include <git2.h>

#include <memory>
#include <string>

#include "runtime/base/error.h"

namespace msctl::git {

// Every function of libgit2 that msctl calls, without its prefix.
#define MSCTL_GIT_FUNCTIONS(X)                                                                              \
  X(libgit2_init) X(libgit2_opts) X(error_last) X(repository_init) X(repository_open_bare)                  \
  X(repository_free) X(repository_odb) X(remote_create_anonymous) X(remote_connect) X(remote_ls)            \
  X(remote_fetch) X(remote_disconnect) X(remote_free) X(remote_init_callbacks) X(fetch_options_init)        \
  X(proxy_options_init) X(credential_ssh_key_from_agent) X(credential_ssh_key_new) X(credential_username_new) \
  X(revparse_single) X(reference_name_to_id) X(object_peel) X(object_id) X(object_free) X(commit_lookup)     \
  X(commit_tree) X(commit_free) X(tree_lookup) X(tree_free) X(tree_entrycount) X(tree_entry_byindex)        \
  X(tree_entry_byname) X(tree_entry_name) X(tree_entry_id) X(tree_entry_filemode_raw) X(odb_read_header)    \
  X(odb_free) X(blob_lookup) X(blob_free) X(blob_rawcontent) X(blob_rawsize) X(oid_tostr) X(oid_fromstr)

struct Library {
#define MSCTL_GIT_MEMBER(name) decltype(&::git_##name) name = nullptr;
  MSCTL_GIT_FUNCTIONS(MSCTL_GIT_MEMBER)
#undef MSCTL_GIT_MEMBER

  // The reason of the call that failed last, on one line.
  std::string reason() const;
};

// Loaded and initialised by the first call. Errors: gitMissing, which names the package.
base::Result<const Library*> library();

// A thing of libgit2 with the function that frees it.
template <class T>
using Owned = std::unique_ptr<T, void (*)(T*)>;

}  // namespace msctl::git
