#include "scaffolds/staging.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "runtime/base/fd.h"

namespace msctl::scaffolds::staging {

namespace fs = std::filesystem;
using base::Code;

std::unexpected<base::Error> cannot_write(const fs::path& path, int error) {
  std::string help;
  if (error == ENOSPC || error == EDQUOT)
    help = "free some space and repeat the command; nothing was changed";
  return base::fail(Code::cannotWrite, fmt::format("{}: {}", path.string(), std::strerror(error)),
                    std::move(help));
}

std::unexpected<base::Error> already_there(const fs::path& path) {
  return base::fail(Code::exists, fmt::format("{} exists already", path.string()),
                    "choose another name, or move what is there");
}

std::unexpected<base::Error> interrupted() {
  return base::fail(Code::interrupted, "interrupted; nothing was changed");
}

base::Result<void> write_all(int descriptor, const fs::path& path, std::string_view content) {
  while (!content.empty()) {
    ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return cannot_write(path, errno);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

base::Result<void> write_file(const fs::path& path, const NewFile& file) {
  const base::Fd out(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, file.executable ? 0777 : 0666));
  if (!out) return cannot_write(path, errno);
  return write_all(out.get(), path, file.content);
}

Undo::~Undo() {
  std::error_code ignored;
  for (auto made = made_.rbegin(); made != made_.rend(); ++made)
    if (made->whole)
      fs::remove_all(made->path, ignored);
    else
      fs::remove(made->path, ignored);
}

void Undo::moved(const fs::path& from, const fs::path& to) {
  for (Made& made : made_)
    if (made.path == from) made.path = to;
}

base::Result<void> make_parents(const fs::path& path, Undo& undo) {
  std::vector<fs::path> missing;  // outermost first
  std::error_code ignored;
  for (fs::path at = path.parent_path(); !at.empty() && !fs::exists(at, ignored); at = at.parent_path())
    missing.insert(missing.begin(), at);
  for (const fs::path& parent : missing) {
    if (::mkdir(parent.c_str(), 0777) != 0) return cannot_write(parent, errno);
    undo.parent(parent);
  }
  return {};
}

}  // namespace msctl::scaffolds::staging
