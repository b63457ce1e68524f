#include "scaffolds/templates/inspect.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "runtime/base/text.h"

namespace msctl::scaffolds::templates {
namespace {

using base::Code;

// One character of UTF-8 and its length; length 0 where there is none.
struct Character {
  char32_t code = 0;
  std::size_t length = 0;
};

Character character_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (length == 0 || first >= 0xf5 || at + length > text.size()) return {};
  char32_t code = first & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xc0) != 0x80) return {};
    code = code << 6 | (byte(at + i) & 0x3fU);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  if (overlong || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return {};
  return {code, length};
}

// Characters that are not seen, and turn the order of those that are: HFS+ even ignores them.
bool is_hidden(char32_t code) {
  return (code >= 0x200b && code <= 0x200f) || (code >= 0x202a && code <= 0x202e) ||
         (code >= 0x2060 && code <= 0x206f) || code == 0xfeff;
}

bool is_control(char32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029;
}

bool is_clean(std::string_view name) {
  for (std::size_t at = 0; at < name.size();) {
    const auto [code, length] = character_at(name, at);
    if (length == 0 || is_control(code) || is_hidden(code) || code == '\\') return false;
    at += length;
  }
  return true;
}

bool is_drive(std::string_view name) {
  return name.size() >= 2 && name[1] == ':' && base::lower(name)[0] >= 'a' && base::lower(name)[0] <= 'z';
}

base::Result<void> check_kind(const Entry& entry) {
  std::string_view what;
  if (entry.kind == EntryKind::file) return {};
  if (entry.kind == EntryKind::link)
    what = "a symbolic link";
  else if (entry.kind == EntryKind::submodule)
    what = "a submodule";
  else
    what = "neither a file nor a folder";
  return base::fail(Code::templateNotFile, fmt::format("the template's '{}' is {}", shown(entry.path), what));
}

}  // namespace

std::string shown(std::string_view path) {
  std::string out;
  for (std::size_t at = 0; at < path.size();) {
    const auto [code, length] = character_at(path, at);
    if (length == 0 || is_control(code) || is_hidden(code)) {
      for (std::size_t i = 0; i < std::max<std::size_t>(length, 1); ++i)
        out += fmt::format("\\x{:02x}", static_cast<unsigned char>(path[at + i]));
    } else {
      out += path.substr(at, length);
    }
    at += std::max<std::size_t>(length, 1);
  }
  return out;
}

bool is_git_name(std::string_view name) {
  std::string seen;
  for (std::size_t at = 0; at < name.size();) {
    const auto [code, length] = character_at(name, at);
    if (length < 2 || !is_hidden(code)) seen += name.substr(at, std::max<std::size_t>(length, 1));
    at += std::max<std::size_t>(length, 1);
  }
  seen = base::lower(seen.substr(0, seen.find(':')));  // NTFS: ".git::$INDEX_ALLOCATION"
  while (seen.ends_with('.') || seen.ends_with(' ')) seen.pop_back();
  return seen == ".git" || seen == "git~1";
}

base::Result<void> check_path(std::string_view path) {
  const auto outside = [&] {
    return base::fail(Code::templateOutside,
                      fmt::format("the template's '{}' leads outside of it", shown(path)));
  };
  if (path.empty() || path.front() == '/' || path.back() == '/') return outside();
  for (std::string_view rest = path; !rest.empty();) {
    const std::string_view name = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(rest.size(), name.size() + 1));
    if (name.empty() || name == "." || name == ".." || is_drive(name)) return outside();
    if (is_git_name(name))
      return base::fail(Code::templateGit, fmt::format("the template holds '{}'", shown(path)),
                        "a git repository is named as such: --template file:///FOLDER");
    if (!is_clean(name) || name.size() > 255)
      return base::fail(Code::templateName,
                        fmt::format("the template's file name '{}' is not allowed", shown(path)));
  }
  return {};
}

base::Result<void> check_clashes(const std::vector<std::string>& paths) {
  struct Seen {
    std::string path;
    bool file;
  };
  std::map<std::string, Seen> all;
  for (const std::string& path : paths)
    for (std::size_t end = path.find('/');; end = path.find('/', end + 1)) {
      const std::string part = path.substr(0, end);
      const bool file = end == std::string::npos;
      const auto [there, added] = all.try_emplace(base::lower(part), Seen{part, file});
      if (!added && (file || there->second.file || there->second.path != part))
        return base::fail(Code::templateClash,
                          fmt::format("the template's '{}' and '{}' clash", there->second.path, part));
      if (file) break;
    }
  return {};
}

base::Result<void> inspect(const std::vector<Entry>& entries) {
  if (entries.size() > most_files)
    return base::fail(Code::templateTooLarge, fmt::format("the template has more than {} files", most_files));
  std::uint64_t bytes = 0;
  std::vector<std::string> paths;
  for (const Entry& entry : entries) {
    if (auto safe = check_path(entry.path); !safe) return safe;
    if (auto file = check_kind(entry); !file) return file;
    bytes += std::min(entry.size, most_bytes + 1);  // so that the sum cannot wrap
    paths.push_back(entry.path);
  }
  if (bytes > most_bytes)
    return base::fail(Code::templateTooLarge, "the template's files have more than 100 MB");
  return check_clashes(paths);
}

}  // namespace msctl::scaffolds::templates
