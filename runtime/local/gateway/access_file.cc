#include "runtime/local/gateway/access_file.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstdio>

#include "runtime/local/logs/store.h"

namespace msctl::local {
namespace {

// {"time":"2026-01-31T12:00:00.123456Z",…: a record's time has milliseconds.
constexpr std::string_view kBefore = R"({"time":")";
constexpr std::size_t kUpToMilliseconds = 23;

}  // namespace

std::string access_log_path(const std::string& folder) {
  return fmt::format("{}/{}.log", folder, kAccessLog);
}

AccessFile::AccessFile(std::string path, std::size_t limit) : path_(std::move(path)), limit_(limit) {}

void AccessFile::open() {
  if (size_ >= limit_) {
    std::rename(path_.c_str(), (path_ + ".1").c_str());
    fd_.reset();
    size_ = 0;
  }
  if (!fd_) fd_.reset(::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
}

void AccessFile::write(std::string_view lines) {
  records_.clear();
  while (!lines.empty()) {
    std::string_view line = lines.substr(0, lines.find('\n') + 1);
    lines.remove_prefix(line.size());
    if (line.size() < kBefore.size() + kUpToMilliseconds || !line.starts_with(kBefore)) continue;
    records_.append(line.substr(kBefore.size(), kUpToMilliseconds)).append("Z gateway 0 o ").append(line);
  }
  open();
  std::string_view rest = records_;
  while (fd_ && !rest.empty()) {
    ssize_t n = ::write(fd_.get(), rest.data(), rest.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return;
    rest.remove_prefix(static_cast<std::size_t>(n));
    size_ += static_cast<std::size_t>(n);
  }
}

}  // namespace msctl::local
