// Each service's two files are one stream in the order of time; the streams are merged by time through a
// heap. Following then waits on inotify for the folder, and reads what was appended; a file that was turned
// over is read to its end first.
#include "runtime/local/logs/reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <queue>

#include "runtime/base/fd.h"
#include "runtime/local/logs/store.h"
#include "runtime/release/pattern.h"

namespace msctl::local {
namespace {

namespace fs = std::filesystem;
using release::LogLine;
using release::LogQuery;

// A file read line by line; at its end it can be read on later, when it has grown.
class LineFile {
public:
  explicit LineFile(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  bool is_open() const { return static_cast<bool>(fd_); }

  std::optional<std::string> next() {
    for (;;) {
      if (std::size_t end = buffer_.find('\n', at_); end != std::string::npos) {
        std::string line = buffer_.substr(at_, end - at_);
        at_ = end + 1;
        return line;
      }
      buffer_.erase(0, at_);
      at_ = 0;
      std::size_t before = buffer_.size();
      buffer_.resize(before + kChunk);
      ssize_t n = ::read(fd_.get(), buffer_.data() + before, kChunk);
      buffer_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
      if (n <= 0) return std::nullopt;
    }
  }

  // Whether the path leads to another file by now.
  bool replaced(const std::string& path) const {
    struct stat mine{}, there{};
    return ::fstat(fd_.get(), &mine) == 0 && ::stat(path.c_str(), &there) == 0 && mine.st_ino != there.st_ino;
  }

private:
  static constexpr std::size_t kChunk = 64 * 1024;
  base::Fd fd_;
  std::string buffer_;
  std::size_t at_ = 0;
};

class Stream {
public:
  Stream(std::string service, const std::string& folder)
      : service_(std::move(service)),
        path_(folder + "/" + service_ + ".log"),
        older_(path_ + ".1"),
        newer_(path_) {}

  const std::string& service() const { return service_; }

  std::optional<std::string> next() {
    if (older_.is_open() && !older_done_) {
      if (auto line = older_.next()) return line;
      older_done_ = true;
    }
    if (!newer_.is_open()) newer_ = LineFile(path_);
    if (!newer_.is_open()) return std::nullopt;
    if (auto line = newer_.next()) return line;
    if (!newer_.replaced(path_)) return std::nullopt;
    newer_ = LineFile(path_);
    return newer_.next();
  }

private:
  std::string service_;
  std::string path_;
  LineFile older_, newer_;
  bool older_done_ = false;
};

class Selection {
public:
  static base::Result<Selection> make(const LogQuery& query, base::WallTime now) {
    Selection out;
    out.previous_ = query.previous;
    if (query.since)
      out.since_ = base::to_rfc3339(now - std::chrono::duration_cast<base::WallTime::duration>(*query.since));
    auto pattern = release::Pattern::make(query.grep);
    if (!pattern) return std::unexpected(pattern.error());
    out.pattern_ = *std::move(pattern);
    return out;
  }

  // Which restart count "previous" means, learnt from a first pass.
  void learn(const LogRecord& record) {
    int& latest = latest_[std::string(record.replica)];
    latest = std::max(latest, record.restarts);
  }
  bool needs_learning() const { return previous_; }

  bool takes(const LogRecord& record) const {
    if (record.stream == 's' || record.at < since_) return false;
    if (previous_) {
      auto found = latest_.find(std::string(record.replica));
      if (found == latest_.end() || record.restarts != found->second - 1) return false;
    }
    return pattern_.fits(std::string(record.text));
  }

private:
  bool previous_ = false;
  std::string since_;
  release::Pattern pattern_;
  std::map<std::string, int> latest_;
};

LogLine to_line(const std::string& service, const LogRecord& record) {
  return {std::string(record.at), service == kAccessLog ? "gateway" : service, std::string(record.replica),
          record.stream == 'e' ? "stderr" : "stdout", std::string(record.text)};
}

std::vector<std::string> services_in(const std::string& folder) {
  std::vector<std::string> out;
  std::error_code error;
  for (fs::directory_iterator each(folder, error), end; !error && each != end; each.increment(error))
    // A dot is in no service's name: those are other logs, which are read when they are named.
    if (std::string name = each->path().stem().string();
        each->path().extension() == ".log" && name.find('.') == std::string::npos)
      out.push_back(std::move(name));
  std::ranges::sort(out);
  return out;
}

class Merge {
public:
  Merge(std::string folder, const LogQuery& query) : folder_(std::move(folder)), query_(query) { open_new(); }

  void open_new() {
    std::vector<std::string> names = query_.services;
    if (query_.gateway) names.emplace_back(kAccessLog);
    if (names.empty()) names = services_in(folder_);
    for (const std::string& service : names)
      if (std::ranges::none_of(streams_, [&](const auto& s) { return s->service() == service; }))
        streams_.push_back(std::make_unique<Stream>(service, folder_));
  }

  // Calls `each` for every record there is by now, in the order of time; false: it asked to end.
  bool drain(const std::function<bool(const std::string& service, const LogRecord&)>& each) {
    struct Head {
      std::string line;
      std::size_t stream;
    };
    auto later = [](const Head& a, const Head& b) {
      return std::string_view(a.line).substr(0, 24) > std::string_view(b.line).substr(0, 24);
    };
    std::priority_queue<Head, std::vector<Head>, decltype(later)> heads(later);
    auto refill = [&](std::size_t i) {
      if (auto line = streams_[i]->next()) heads.push({std::move(*line), i});
    };
    for (std::size_t i = 0; i < streams_.size(); ++i) refill(i);
    while (!heads.empty()) {
      Head head = heads.top();
      heads.pop();
      LogRecord record;
      if (parse_record(head.line, record) && !each(streams_[head.stream]->service(), record)) return false;
      refill(head.stream);
    }
    return true;
  }

private:
  std::string folder_;
  const LogQuery& query_;
  std::vector<std::unique_ptr<Stream>> streams_;
};

}  // namespace

base::Result<void> read_logs(const LogSource& source, const LogQuery& query, base::WallTime now,
                             const std::function<bool(const LogLine&)>& line) {
  auto selection = Selection::make(query, now);
  if (!selection) return std::unexpected(selection.error());
  base::Fd changes(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (query.follow)
    ::inotify_add_watch(changes.get(), source.folder.c_str(),
                        IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF);
  if (selection->needs_learning())
    Merge(source.folder, query).drain([&](const std::string&, const LogRecord& record) {
      selection->learn(record);
      return true;
    });
  Merge merge(source.folder, query);
  auto pass = [&](const std::string& service, const LogRecord& record) {
    return !selection->takes(record) || line(to_line(service, record));
  };
  bool more = merge.drain(pass);
  while (more && query.follow) {
    bool over = source.over && source.over();
    pollfd watched{changes.get(), POLLIN, 0};
    // The time-out is for the end of the run, which changes no log, and for a signal that came while this was
    // not waiting.
    if (!over && ::poll(&watched, 1, 500) < 0) return {};
    if (query.cancelled && query.cancelled()) return {};
    char events[8192];
    while (::read(changes.get(), events, sizeof events) > 0) {
    }
    merge.open_new();
    more = merge.drain(pass);
    if (over) break;
  }
  return {};
}

}  // namespace msctl::local
