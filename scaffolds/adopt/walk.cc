#include "scaffolds/adopt/walk.h"

#include <dirent.h>
#include <fmt/format.h>
#include <fnmatch.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

#include "runtime/base/file.h"

namespace msctl::scaffolds::adopt {
namespace {

// Whatever the language: what package managers fetch, and what is there to test with.
constexpr auto skipped =
    std::to_array<std::string_view>({"__pycache__", "__tests__", "fixtures", "node_modules", "site-packages",
                                     "test", "testdata", "tests", "third_party", "vendor", "venv"});

constexpr std::size_t largest_file = 4 << 20;

bool is_sound(std::string_view name) {
  return std::ranges::none_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

class Walk {
public:
  Walk(Repository& repository, const WalkOptions& options) : repository_(repository), options_(options) {}

  // False: interrupted.
  bool look(const std::string& folder, int depth) {
    if (options_.interrupted && options_.interrupted()) return false;
    std::vector<std::string> files, folders;
    if (!list(folder, files, folders)) return true;
    std::ranges::sort(files);
    std::ranges::sort(folders);
    count_ += files.size();
    const std::set<std::string> made = artefacts(files);
    repository_.by_folder.emplace(folder, std::move(files));
    for (const std::string& name : folders) {
      if (made.contains(name)) continue;
      const std::string path = join(folder, name);
      if (options_.ignored && options_.ignored(path)) continue;
      if (depth + 1 > options_.deepest) {
        warn(path, fmt::format("deeper than {} folders: not looked at", options_.deepest));
        continue;
      }
      if (count_ > options_.most_files) {
        if (!full_)
          warn(path,
               fmt::format("more than {} files: nothing is looked at from here on", options_.most_files));
        full_ = true;
        return true;
      }
      if (!look(path, depth + 1)) return false;
    }
    return true;
  }

private:
  bool list(const std::string& folder, std::vector<std::string>& files, std::vector<std::string>& folders) {
    const std::string full = folder.empty() ? repository_.root() : repository_.root() + "/" + folder;
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(full.c_str()), ::closedir);
    if (!stream) {
      warn(folder.empty() ? "." : folder, fmt::format("cannot be looked into: {}", std::strerror(errno)));
      return false;
    }
    while (const dirent* entry = ::readdir(stream.get())) {
      const std::string name = entry->d_name;
      if (name == "." || name == "..") continue;
      unsigned char type = entry->d_type;
      if (type == DT_UNKNOWN) type = type_of(full + "/" + name);
      if (type == DT_REG && is_sound(name)) files.push_back(name);  // names are shown, and stand in comments
      if (name == ".git" && !folder.empty()) repository_.repositories.insert(folder);
      if (type != DT_DIR || name.starts_with('.') ||
          std::ranges::binary_search(skipped, std::string_view(name)))
        continue;
      if (is_sound(name))
        folders.push_back(name);
      else
        warn(folder.empty() ? "." : folder, "a folder whose name has control characters: not looked at");
    }
    return true;
  }

  static unsigned char type_of(const std::string& path) {
    struct stat facts{};
    if (::lstat(path.c_str(), &facts) != 0) return DT_UNKNOWN;
    return S_ISREG(facts.st_mode) ? DT_REG : S_ISDIR(facts.st_mode) ? DT_DIR : DT_LNK;
  }

  // What a build makes in a folder with these files: a folder 'bin' beside go.mod, not any 'bin'.
  std::set<std::string> artefacts(const std::vector<std::string>& files) const {
    std::set<std::string> out;
    if (options_.languages == nullptr) return out;
    for (const toolchain::Language& language : options_.languages->all()) {
      const bool marked = std::ranges::any_of(files, [&](const std::string& file) {
        return std::ranges::find(language.adoption.marks, file) != language.adoption.marks.end();
      });
      if (!marked) continue;
      out.insert(language.artefacts.begin(), language.artefacts.end());
      out.insert(language.adoption.artefacts.begin(), language.adoption.artefacts.end());
    }
    return out;
  }

  void warn(const std::string& path, std::string message) {
    base::Error error{base::Code::adoptUnreadable, std::move(message), {}, {}, {}, {}};
    error.at.file = path;
    repository_.warnings.push_back(std::move(error));
  }

  Repository& repository_;
  const WalkOptions& options_;
  std::size_t count_ = 0;
  bool full_ = false;
};

bool fits(std::string_view path, std::string_view glob) {
  if (glob.starts_with("**/")) {
    for (;;) {
      if (fits(path, glob.substr(3))) return true;
      const std::size_t slash = path.find('/');
      if (slash == std::string_view::npos) return false;
      path.remove_prefix(slash + 1);
    }
  }
  const std::size_t glob_end = glob.find('/');
  const std::size_t path_end = path.find('/');
  if ((glob_end == std::string_view::npos) != (path_end == std::string_view::npos)) return false;
  if (::fnmatch(std::string(glob.substr(0, glob_end)).c_str(), std::string(path.substr(0, path_end)).c_str(),
                FNM_PERIOD) != 0)
    return false;
  return glob_end == std::string_view::npos || fits(path.substr(path_end + 1), glob.substr(glob_end + 1));
}

}  // namespace

std::string join(const std::string& folder, const std::string& name) {
  if (folder.empty() || folder == ".") return name;
  return name.empty() || name == "." ? folder : folder + "/" + name;
}

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string{} : path.substr(0, slash);
}

std::string name_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

std::string relative_to(const std::string& path, const std::string& folder) {
  const std::filesystem::path from = folder.empty() ? "." : folder;
  const std::string out = std::filesystem::path(path.empty() ? "." : path).lexically_relative(from).string();
  return out.empty() ? "." : out;
}

const std::vector<std::string>& Repository::files(const std::string& folder) const {
  static const std::vector<std::string> none;
  auto found = by_folder.find(folder);
  return found == by_folder.end() ? none : found->second;
}

bool Repository::has(const std::string& path) const {
  return std::ranges::binary_search(files(parent_of(path)), name_of(path));
}

std::vector<std::string> Repository::folders() const {
  std::vector<std::string> out;
  out.reserve(by_folder.size());
  for (const auto& [folder, files] : by_folder) out.push_back(folder);
  return out;
}

std::vector<std::string> Repository::match(const std::string& folder, const std::string& glob) const {
  std::vector<std::string> out;
  if (glob.find_first_of("*?[") == std::string::npos) {
    if (has(join(folder, glob))) out.push_back(glob);
    return out;
  }
  if (glob.find('/') == std::string::npos) {
    for (const std::string& file : files(folder))
      if (fits(file, glob)) out.push_back(file);
    return out;
  }
  const std::string prefix = folder.empty() ? std::string{} : folder + "/";
  for (auto at = by_folder.lower_bound(folder); at != by_folder.end(); ++at) {
    if (at->first != folder && !at->first.starts_with(prefix)) {
      if (at->first.starts_with(folder)) continue;  // "a-b" stands between "a" and "a/b"
      break;
    }
    const std::string below = at->first == folder ? std::string{} : at->first.substr(prefix.size());
    for (const std::string& file : at->second)
      if (std::string path = join(below, file); fits(path, glob)) out.push_back(std::move(path));
  }
  std::ranges::sort(out);
  return out;
}

base::Result<std::string> Repository::read(const std::string& path) const {
  std::error_code gone;
  const auto size = std::filesystem::file_size(root_ + "/" + path, gone);
  auto text = !gone && size > largest_file
                  ? base::Result<std::string>(base::fail(base::Code::adoptUnreadable, "larger than 4 MiB"))
                  : base::read_file(root_ + "/" + path);
  if (!text) {
    text.error().code = base::Code::adoptUnreadable;
    text.error().at.file = path;
  }
  return text;
}

base::Result<Repository> walk(const std::string& root, const WalkOptions& options) {
  std::error_code error;
  if (!std::filesystem::is_directory(root, error))
    return base::fail(base::Code::unreadableFile, fmt::format("{} is not a folder", root));
  Repository out(root);
  if (!Walk(out, options).look({}, 0))
    return base::fail(base::Code::interrupted, "interrupted; nothing was changed");
  return out;
}

}  // namespace msctl::scaffolds::adopt
