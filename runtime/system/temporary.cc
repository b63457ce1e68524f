#include "runtime/system/temporary.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace msctl::system {

namespace fs = std::filesystem;

base::Result<TemporaryFolder> TemporaryFolder::make(const std::string& parent, const std::string& name) {
  std::string path = fmt::format("{}/{}-XXXXXX", parent, name);
  if (::mkdtemp(path.data()) == nullptr)
    return base::fail(base::Code::cannotWrite, fmt::format("{}: {}", path, std::strerror(errno)));
  return TemporaryFolder(std::move(path));
}

base::Result<TemporaryFolder> TemporaryFolder::make(const std::string& name) {
  std::error_code error;
  const fs::path parent = fs::temp_directory_path(error);
  if (error)
    return base::fail(base::Code::cannotWrite, fmt::format("{}: {}", parent.string(), error.message()));
  return make(parent.string(), name);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty() && !kept_) fs::remove_all(path_, ignored);
}

}  // namespace msctl::system
