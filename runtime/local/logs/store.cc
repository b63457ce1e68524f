#include "runtime/local/logs/store.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <vector>

namespace msctl::local {

namespace fs = std::filesystem;

bool parse_record(std::string_view line, LogRecord& record) {
  auto word = [&](std::string_view& out) {
    std::size_t space = line.find(' ');
    if (space == std::string_view::npos) return false;
    out = line.substr(0, space);
    line.remove_prefix(space + 1);
    return !out.empty();
  };
  std::string_view restarts, stream;
  if (!word(record.at) || !word(record.replica) || !word(restarts) || !word(stream)) return false;
  auto [end, error] = std::from_chars(restarts.data(), restarts.data() + restarts.size(), record.restarts);
  if (error != std::errc{} || end != restarts.data() + restarts.size() || stream.size() != 1) return false;
  record.stream = stream.front();
  record.text = line;
  return record.at.size() >= 20 && record.at[4] == '-' && record.at.back() == 'Z';
}

LogStore::LogStore(std::string folder, std::size_t file_limit)
    : folder_(std::move(folder)), limit_(file_limit) {
  std::error_code error;
  for (fs::directory_iterator each(folder_, error), end; !error && each != end; each.increment(error)) {
    std::error_code ignored;
    fs::remove(each->path(), ignored);
  }
}

void LogStore::add(const std::string& service, const LogRecord& record) {
  File& file = files_[service];
  if (file.pending.empty()) dirty_.push_back(service);
  std::string& out = file.pending;
  out.append(record.at).append(1, ' ').append(record.replica).append(1, ' ');
  out.append(std::to_string(record.restarts)).append(1, ' ').append(1, record.stream).append(1, ' ');
  out.append(record.text).append(1, '\n');
  if (out.size() > (256u << 10)) {
    write(service, file);
    std::erase(dirty_, service);
  }
}

void LogStore::flush() {
  for (const std::string& service : dirty_) write(service, files_[service]);
  dirty_.clear();
}

void LogStore::open(const std::string& service, File& file) const {
  std::string path = folder_ + "/" + service + ".log";
  if (file.size >= limit_) {
    std::rename(path.c_str(), (path + ".1").c_str());
    file.fd.reset();
    file.size = 0;
    file.torn = false;
  }
  if (!file.fd) file.fd.reset(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
}

void LogStore::write(const std::string& service, File& file) {
  open(service, file);
  if (file.torn) file.pending.insert(file.pending.begin(), '\n');
  std::string_view rest = file.pending;
  while (!rest.empty()) {
    ssize_t n = file.fd ? ::write(file.fd.get(), rest.data(), rest.size()) : -1;
    if (n < 0 && errno == EINTR && file.fd) continue;
    if (n < 0) break;
    rest.remove_prefix(static_cast<std::size_t>(n));
    file.size += static_cast<std::size_t>(n);
  }
  file.torn = !rest.empty() && (file.torn || rest.size() < file.pending.size());
  file.dropped += static_cast<std::size_t>(std::ranges::count(rest, '\n'));
  file.pending.clear();
  // A flood leaves a large buffer behind: many services, each with one, would add up.
  if (file.pending.capacity() > (64u << 10)) file.pending.shrink_to_fit();
}

std::size_t LogStore::dropped(const std::string& service) const {
  auto found = files_.find(service);
  return found == files_.end() ? 0 : found->second.dropped;
}

}  // namespace msctl::local
