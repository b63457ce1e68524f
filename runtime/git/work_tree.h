// What stands in the working tree, as it would be stored. For those that compare it or tell it whole.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/git/index_file.h"
#include "runtime/git/repository.h"
#include "runtime/git/scan.h"

namespace msctl::git {

struct Stored {
  ObjectId id{};
  std::uint32_t mode = 0;
  bool operator==(const Stored&) const = default;
};

struct ReadIndex {
  Index index;
  FileTime written;  // when the file was
};

// Of a repository in which nothing was ever staged: an empty one. Errors: badRepository.
base::Result<ReadIndex> read_index(const std::string& path);

// Whether a file may be stored as something else than its bytes: line endings, filters.
bool may_convert(const Repository& repository, const Index& index, const Scan& scan);

// What a path would be stored as, or nothing where it is not there, or is what cannot be stored.
// `mode_before`: in the index; 0 where that does not have it. `converted`: as for Repository::hash.
std::optional<Stored> in_work_tree(const Repository& repository, const std::string& path,
                                   std::uint32_t mode_before, bool converted);

// A path of Scan::unknown, down to its files, without what is ignored. A repository within the working tree
// is one thing, with '/' at its end.
void expand(const Repository& repository, const std::string& path, std::vector<std::string>& out);

}  // namespace msctl::git
