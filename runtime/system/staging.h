// What placing folders, placing files and replacing files have in common: files written whole, and a memory
// of what was made, which undoes it unless all came to an end.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/base/fd.h"

namespace msctl::system::staging {

// Something whole under a hidden name beside its place, locked by its maker as long as that lives.
struct Staged {
  std::filesystem::path hidden, destination;
  base::Fd lock;
};

// What a killed process left hidden in this folder: files and folders that nobody has locked.
void remove_leftovers(const std::filesystem::path& parent);

// The pattern of mkstemp and mkdtemp for what will be at `destination`.
std::string hidden_pattern(const std::filesystem::path& destination);

// Locked, and with the mode that open or mkdir would have given: those of mkstemp and mkdtemp keep others
// out.
base::Result<void> settle(int descriptor, const std::filesystem::path& path, unsigned mode);

std::unexpected<base::Error> cannot_write(const std::filesystem::path& path, int error);
std::unexpected<base::Error> already_there(const std::filesystem::path& path);
std::unexpected<base::Error> interrupted();

// Errors: cannotWrite.
base::Result<void> write_all(int descriptor, const std::filesystem::path& path, std::string_view content);
base::Result<void> write_file(const std::filesystem::path& path, std::string_view content, bool executable);

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

}  // namespace msctl::system::staging
