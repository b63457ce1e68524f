// One revision of somebody's repository, fetched into a bare repository that lives as long as the result.
//
// Nothing of it is run and nothing is checked out: no hooks, no filters, no submodules; its files are read
// from the object database (tree.h). The fetching is done by a child process: a server that does not answer
// can be given up at any time, which libgit2 itself cannot do while it connects. A server that hangs up on us
// or says that it is busy is asked twice more, after 0.25 s and 1 s.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/system/temporary.h"

namespace msctl::git {

struct Fetched {
  system::TemporaryFolder folder;
  std::string commit;  // 40 hex digits
};

// `ref`: a tag, a branch or a commit (a tag before a branch, as git does); empty: the remote's own branch.
// Errors: templateUnreachable, unknownName (no such revision), cannotWrite, interrupted.
base::Result<Fetched> fetch(const std::string& url, const std::string& ref,
                            const std::function<bool()>& interrupted);

// A tag of a repository, with the commit that it leads to.
struct Tag {
  std::string name;    // "v6.0.2"
  std::string commit;  // 40 hex digits
};

// All tags of a repository, of which nothing is fetched. `url` may be led elsewhere by `url.….insteadOf` in
// the user's own configuration of git. Errors: templateUnreachable, interrupted.
base::Result<std::vector<Tag>> tags(const std::string& url, const std::function<bool()>& interrupted);

// The address without what stands before '@' in its authority: it may be a password.
std::string without_password(const std::string& url);

}  // namespace msctl::git
