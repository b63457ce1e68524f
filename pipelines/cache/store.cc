#include "pipelines/cache/store.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "pipelines/cache/fields.h"
#include "runtime/digest/digest.h"

namespace msctl::cache {

namespace fs = std::filesystem;

std::string Store::path_of(std::string_view kind, const std::string& name) const {
  return folder_ + '/' + std::string(kind) + '/' + name.substr(0, 2) + '/' + name;
}

// What tests print is for the eyes of who runs them.
base::Result<void> Store::write(const std::string& path, std::string_view bytes) {
  std::error_code error;
  if (!fs::exists(folder_, error) && fs::create_directories(folder_, error)) ::chmod(folder_.c_str(), 0700);
  return files_.replace(path, bytes);
}

std::optional<std::string> Store::get(const std::string& key) const {
  const std::string path = path_of("results", key);
  auto bytes = files_.read(path);
  if (!bytes) return std::nullopt;
  ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
  return std::move(*bytes);
}

base::Result<void> Store::put(const std::string& key, std::string_view bytes) {
  return write(path_of("results", key), bytes);
}

void Store::remove(const std::string& key) {
  (void)files_.remove_file(path_of("results", key));
}

std::optional<Inputs> Store::last(const std::string& place) const {
  auto bytes = files_.read(path_of("last", digest::sha256(place)));
  if (!bytes) return std::nullopt;
  auto fields = read_fields(*bytes);
  if (!fields || fields->size() % 2 != 0) return std::nullopt;
  Inputs out;
  for (std::size_t i = 0; i < fields->size(); i += 2)
    out.push_back({std::move((*fields)[i].value), std::move((*fields)[i + 1].value), {}});
  return out;
}

base::Result<void> Store::set_last(const std::string& place, const Inputs& inputs) {
  std::vector<Field> fields;
  for (const Input& input : inputs) {
    fields.push_back({"name", input.name});
    fields.push_back({"value", input.value});
  }
  return write(path_of("last", digest::sha256(place)), write_fields(fields));
}

// Down to nine tenths, so that the next run need not do it again. Another run may remove the same files.
void Store::prune(std::uint64_t limit) const {
  struct File {
    fs::path path;
    std::uint64_t size;
    fs::file_time_type used;
  };
  std::vector<File> files;
  std::uint64_t sum = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator each(folder_, error), end; !error && each != end;
       each.increment(error)) {
    std::error_code gone;
    if (!each->is_regular_file(gone) || gone) continue;
    File file{each->path(), each->file_size(gone), each->last_write_time(gone)};
    if (gone) continue;
    sum += file.size;
    files.push_back(std::move(file));
  }
  if (sum <= limit) return;
  std::ranges::sort(files, {}, &File::used);
  for (const File& file : files) {
    if (sum <= limit / 10 * 9) return;
    std::error_code gone;
    if (fs::remove(file.path, gone)) sum -= file.size;
  }
}

}  // namespace msctl::cache
