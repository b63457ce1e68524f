// The child's half of fetch.h: speaking with the remote, and the answer as bytes for its parent.
#pragma once

#include <functional>
#include <string>

#include "runtime/base/error.h"

namespace msctl::git {

// A sign of life between parent and child, which is no part of an answer.
constexpr char alive = '\x01';

// Makes a bare repository in `folder` and fetches what `ref` names: only that, or, where only a commit is
// named, all branches and tags. Gives the commit's id.
base::Result<std::string> fetch_here(const std::string& url, const std::string& ref,
                                     const std::string& folder, const std::function<void()>& live);

// The tags: name, id, name, id, …, each with a space behind it. An annotated one has its commit at NAME^{}.
base::Result<std::string> tags_here(const std::string& url, const std::string& folder,
                                    const std::function<void()>& live);

std::string encode(const base::Result<std::string>& commit);
// Errors: also `internal`, where the answer is not whole (the child was killed).
base::Result<std::string> decode(const std::string& answer);

}  // namespace msctl::git
