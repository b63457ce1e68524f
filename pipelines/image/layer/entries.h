// What a layer holds, told before anything is written: sorted by path, each path once, each folder before
// what is in it. Owners, times and most of the modes of this machine are no part of it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"

namespace msctl::image {

struct Entry {
  enum class Kind { file, folder, link };
  Kind kind = Kind::file;
  std::string source{};   // of a file: where its content is
  std::string content{};  // of a file without a source
  std::string target{};   // of a link
  std::uint64_t size = 0;
  bool executable = false;
};

class Entries {
public:
  // `path`: in the image, without '/' in front. A later one takes the place of an earlier one.
  void add_file(const std::string& path, std::string content, bool executable = false);
  void add_link(const std::string& path, std::string target);
  void add_folder(const std::string& path);
  // A file, or a folder with all in it but what fits one of the globs `except` (from `source`). A link that
  // stays within `source` is kept as one, another is followed. Errors: imageFile.
  base::Result<void> add(const std::string& source, const std::string& path,
                         const std::vector<std::string>& except);

  const std::map<std::string, Entry>& all() const { return entries_; }
  bool empty() const { return entries_.empty(); }

private:
  void put(const std::string& path, Entry entry);
  base::Result<void> add_one(const std::string& source, const std::string& root, const std::string& path);

  // By bytes, whatever the locale: a folder comes before what is in it, though not always right before.
  std::map<std::string, Entry> entries_;
};

// '*' and '?' stay within a name, "**" crosses folders; "a/**" fits a, too.
bool fits_glob(std::string_view path, std::string_view glob);

}  // namespace msctl::image
