#include "runtime/base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace msctl::base {
namespace {

constexpr off_t kLargest = 64 << 20;

std::unexpected<Error> unreadable(const std::string& path, std::string_view why) {
  Error error;
  error.code = Code::unreadableFile;
  error.message = fmt::format("cannot read the file: {}", why);
  error.at.file = path;
  return std::unexpected(std::move(error));
}

}  // namespace

Result<std::string> read_file(const std::string& path) {
  int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return unreadable(path, std::strerror(errno));
  struct stat facts{};
  std::string text;
  if (::fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_size > kLargest) {
    ::close(file);
    return unreadable(path, facts.st_size > kLargest ? "larger than 64 MiB" : "not a regular file");
  }
  char buffer[16384];
  ssize_t got = 0;
  while ((got = ::read(file, buffer, sizeof buffer)) > 0) text.append(buffer, static_cast<std::size_t>(got));
  int error = errno;
  ::close(file);
  if (got < 0) return unreadable(path, std::strerror(error));
  return text;
}

}  // namespace msctl::base
