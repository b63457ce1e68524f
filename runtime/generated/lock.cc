#include "runtime/generated/lock.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace msctl::generated {
namespace {

constexpr std::string_view intro =
    "# What `msctl generate` wrote last: what differs from it is an edit, and is kept. Commit this file.\n"
    "msctl-lock 1\n";
constexpr std::string_view no_line_break = "\\ no line break at the end";

struct Line {
  std::string_view text;
  int number = 0;
};

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> out;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    while (line.ends_with('\r')) line.remove_suffix(1);  // of a checkout that converts
    out.push_back({line, number});
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

base::Error bad(const Line& line, std::string message) {
  base::Error error = base::fail(base::Code::badLock, std::move(message)).error();
  error.at = {lock_name, line.number, 1, std::max<int>(1, static_cast<int>(line.text.size())),
              std::string(line.text)};
  return error;
}

bool is_kind(std::string_view kind) {
  return !kind.empty() && kind.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string_view::npos;
}

class Reader {
public:
  base::Result<Lock> read(const std::vector<Line>& lines) {
    for (const Line& line : lines)
      if (auto taken = take(line); !taken) return std::unexpected(std::move(taken.error()));
    if (!begun_ && !lines.empty())
      return std::unexpected(bad(lines.front(), "the line 'msctl-lock 1' is missing"));
    if (current_ != nullptr)
      return std::unexpected(bad(lines.back(), fmt::format("the end of '{}' is missing", path_)));
    return std::move(lock_);
  }

private:
  base::Result<void> take(const Line& line) {
    if (line.text.starts_with('#')) return {};
    if (!begun_) return take_version(line);
    if (line.text.empty() || line.text.starts_with(' ')) return take_content(line);
    if (line.text == no_line_break && current_ != nullptr && current_->content.ends_with('\n')) {
      current_->content.pop_back();
      closed_ = true;
      return {};
    }
    if (current_ != nullptr && line.text.starts_with("end ") && line.text.substr(4) == path_) {
      current_ = nullptr;
      return {};
    }
    return take_head(line);
  }

  base::Result<void> take_version(const Line& line) {
    if (line.text.empty()) return {};
    if (line.text != "msctl-lock 1")
      return std::unexpected(bad(line, "neither 'msctl-lock 1', nor what this msctl understands"));
    begun_ = true;
    return {};
  }

  base::Result<void> take_content(const Line& line) {
    if (current_ == nullptr || closed_) {
      if (line.text.empty()) return {};
      return std::unexpected(bad(line, "content that belongs to no file"));
    }
    current_->content += line.text.empty() ? line.text : line.text.substr(1);
    current_->content += '\n';
    return {};
  }

  base::Result<void> take_head(const Line& line) {
    const std::size_t first = line.text.find(' ');
    const std::size_t second = first == std::string_view::npos ? first : line.text.find(' ', first + 1);
    if (second == std::string_view::npos) return std::unexpected(bad(line, "a line without a meaning"));
    const std::string_view word = line.text.substr(0, first);
    const std::string_view kind = line.text.substr(first + 1, second - first - 1);
    const std::string_view path = line.text.substr(second + 1);
    if ((word != "file" && word != "program") || !is_kind(kind))
      return std::unexpected(bad(line, "a line without a meaning"));
    if (current_ != nullptr)
      return std::unexpected(bad(line, fmt::format("the end of '{}' is missing", path_)));
    if (!is_path_inside(path))
      return std::unexpected(bad(line, fmt::format("'{}' is no path below the workspace", path)));
    auto [at, is_new] =
        lock_.try_emplace(std::string(path), Locked{std::string(kind), {}, word == "program"});
    if (!is_new) return std::unexpected(bad(line, fmt::format("'{}' stands here twice", path)));
    current_ = &at->second;
    path_ = path;
    closed_ = false;
    return {};
  }

  Lock lock_;
  Locked* current_ = nullptr;  // between its head and its end
  std::string path_;
  bool begun_ = false;
  bool closed_ = false;
};

// The lines of one side of each conflict, with all that is outside of conflicts.
std::vector<Line> side(const std::vector<Line>& lines, bool theirs) {
  enum class In { both, ours, base, other } in = In::both;
  std::vector<Line> out;
  for (const Line& line : lines) {
    if (line.text.starts_with("<<<<<<<"))
      in = In::ours;
    else if (line.text.starts_with("|||||||") && in == In::ours)
      in = In::base;
    else if (line.text.starts_with("=======") && in != In::both)
      in = In::other;
    else if (line.text.starts_with(">>>>>>>"))
      in = In::both;
    else if (in == In::both || in == (theirs ? In::other : In::ours))
      out.push_back(line);
  }
  return out;
}

void write_entry(const std::string& path, const Locked& locked, std::string& out) {
  out.append(locked.executable ? "program " : "file ").append(locked.kind).append(" ").append(path) += '\n';
  std::string_view rest = locked.content;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    if (end > 0) out += ' ';
    out.append(rest.substr(0, end)) += '\n';
    if (end == rest.size()) out.append(no_line_break) += '\n';
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  out.append("end ").append(path) += '\n';
}

}  // namespace

bool is_path_inside(std::string_view path) {
  if (path.empty()) return false;
  if (std::ranges::any_of(path, [](unsigned char c) { return c < 0x20 || c == 0x7f || c == '\\'; }))
    return false;
  while (true) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    if (segment.empty() || segment == "." || segment == ".." || segment == ".git") return false;
    if (end == path.size()) return true;
    path.remove_prefix(end + 1);
  }
}

base::Result<Lock> parse_lock(std::string_view text) {
  const std::vector<Line> lines = lines_of(text);
  if (!has_conflict(text)) return Reader().read(lines);
  auto first = Reader().read(side(lines, false));
  if (!first) return first;
  auto second = Reader().read(side(lines, true));
  if (!second) return second;
  first->insert(second->begin(), second->end());
  return first;
}

std::string write_lock(const Lock& lock) {
  std::size_t size = intro.size();
  for (const auto& [path, locked] : lock) size += path.size() + locked.content.size() * 17 / 16 + 64;
  std::string out;
  out.reserve(size);
  out += intro;
  // Kind by kind, each under a line that is always there: two branches that add a service each rarely write
  // to the same place.
  std::map<std::string_view, std::vector<const Lock::value_type*>> kinds;
  for (const Lock::value_type& entry : lock) kinds[entry.second.kind].push_back(&entry);
  for (const auto& [kind, entries] : kinds) {
    out.append("# ").append(kind) += '\n';
    for (const Lock::value_type* entry : entries) write_entry(entry->first, entry->second, out);
  }
  return out;
}

bool has_conflict(std::string_view text) {
  return text.starts_with("<<<<<<<") || text.find("\n<<<<<<<") != std::string_view::npos;
}

}  // namespace msctl::generated
