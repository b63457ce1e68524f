// The access log of a run's gateway on disk, in the form of the services' logs (logs/store.h) and bounded
// like them, so that `msctl logs gateway` reads it as it reads those.
#pragma once

#include <string>
#include <string_view>

#include "runtime/base/fd.h"

namespace msctl::local {

class AccessFile {
public:
  static constexpr std::size_t kFileLimit = 8u << 20;

  // Created by the first line. `path` as access_log_path() gives it.
  explicit AccessFile(std::string path, std::size_t limit = kFileLimit);

  // Whole lines of the gateway's access log: JSON objects that begin with "time". What the disk does not take
  // is dropped. One thread.
  void write(std::string_view lines);

private:
  void open();

  std::string path_;
  std::size_t limit_, size_ = 0;
  base::Fd fd_;
  std::string records_;
};

std::string access_log_path(const std::string& folder);

}  // namespace msctl::local
