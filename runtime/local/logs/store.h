// The logs of a run on disk: for each service one file and its predecessor, both bounded. A record is one
// line:
//
//   2026-01-31T12:00:00.123Z orders-1 0 o text…
//
// time, replica, how often the replica had been restarted, the stream (o: stdout, e: stderr, s: a start after
// the first, its text for msctl only), and the text as the service wrote it. Readers follow the files: a
// hundred of them cost the run nothing.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/fd.h"

namespace msctl::local {

struct LogRecord {
  std::string_view at, replica, text;
  int restarts = 0;
  char stream = 'o';
};

// The name of the gateway's access log beside the services' (gateway/access_file.h): no service's name has a
// dot.
inline constexpr std::string_view kAccessLog = "gateway.access";

// Nothing when the line is no record (cut by a full disk, or by a kill).
bool parse_record(std::string_view line, LogRecord& record);

class LogStore {
public:
  static constexpr std::size_t kFileLimit = 8u << 20;

  // Begins anew: the logs of an earlier run are removed.
  explicit LogStore(std::string folder, std::size_t file_limit = kFileLimit);

  // `at`: RFC 3339.
  void add(const std::string& service, const LogRecord& record);

  // Writes what was added. What the disk does not take is dropped and counted.
  void flush();

  std::size_t dropped(const std::string& service) const;

private:
  struct File {
    base::Fd fd;
    std::string pending;
    std::size_t size = 0;
    std::size_t dropped = 0;  // records
    bool torn = false;        // the last record was written in part
  };
  void write(const std::string& service, File& file);
  void open(const std::string& service, File& file) const;

  std::string folder_;
  std::size_t limit_;
  std::map<std::string, File> files_;
  std::vector<std::string> dirty_;
};

}  // namespace msctl::local
