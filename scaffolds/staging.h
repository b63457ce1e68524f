// What placing folders and placing files have in common: files written whole, and a memory of what was made,
// which undoes it unless all came to an end.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "scaffolds/tree.h"

namespace msctl::scaffolds::staging {

inline constexpr std::string_view hidden_prefix = ".msctl-new-";
// Seconds: what was just made may not be locked yet.
inline constexpr long youngest_leftover = 60;

std::unexpected<base::Error> cannot_write(const std::filesystem::path& path, int error);
std::unexpected<base::Error> already_there(const std::filesystem::path& path);
std::unexpected<base::Error> interrupted();

// Errors: cannotWrite.
base::Result<void> write_all(int descriptor, const std::filesystem::path& path, std::string_view content);
base::Result<void> write_file(const std::filesystem::path& path, const NewFile& file);

// What has been made so far; undone by the destructor unless kept.
class Undo {
public:
  Undo() = default;
  Undo(const Undo&) = delete;
  Undo& operator=(const Undo&) = delete;
  ~Undo();
  void parent(std::filesystem::path path) { made_.push_back({std::move(path), false}); }
  void whole(std::filesystem::path path) { made_.push_back({std::move(path), true}); }
  void moved(const std::filesystem::path& from, const std::filesystem::path& to);
  void keep() { made_.clear(); }

private:
  struct Made {
    std::filesystem::path path;
    bool whole;  // with all that is in it; a parent only if nobody else has put anything there
  };
  std::vector<Made> made_;
};

// The folders above `path` that do not exist yet.
base::Result<void> make_parents(const std::filesystem::path& path, Undo& undo);

}  // namespace msctl::scaffolds::staging
