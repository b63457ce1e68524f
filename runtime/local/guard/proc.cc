#include "runtime/local/guard/proc.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <set>
#include <string_view>

#include "runtime/base/fd.h"

namespace msctl::local::guard {
namespace {

std::string read_all(const char* path) {
  base::Fd fd(::open(path, O_RDONLY | O_CLOEXEC));
  std::string out;
  char buffer[4096];
  for (ssize_t n = 0; fd && (n = ::read(fd.get(), buffer, sizeof buffer)) > 0;)
    out.append(buffer, static_cast<std::size_t>(n));
  return out;
}

std::string path_of(pid_t pid, const char* file) {
  return "/proc/" + std::to_string(pid) + "/" + file;
}

}  // namespace

// proc(5): "pid (comm) state ppid pgrp …", starttime is field 22. The name may hold spaces and parentheses:
// the last ')' ends it.
std::optional<ProcessInfo> process_info(pid_t pid) {
  std::string text = read_all(path_of(pid, "stat").c_str());
  std::size_t end = text.rfind(')');
  if (end == std::string::npos) return std::nullopt;
  ProcessInfo info;
  info.pid = pid;
  unsigned long long start = 0;
  int fields = std::sscanf(text.c_str() + end + 1,
                           " %c %d %d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
                           &info.state, &info.parent, &info.group, &start);
  if (fields != 4) return std::nullopt;
  info.start_time = start;
  return info;
}

std::vector<ProcessInfo> all_processes() {
  std::vector<ProcessInfo> out;
  std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc"), ::closedir);
  if (!folder) return out;
  while (const dirent* entry = ::readdir(folder.get())) {
    std::string_view name = entry->d_name;
    pid_t pid = 0;
    auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error != std::errc{} || end != name.data() + name.size()) continue;
    if (auto info = process_info(pid)) out.push_back(*info);
  }
  return out;
}

std::vector<pid_t> descendants(pid_t ancestor) {
  std::vector<ProcessInfo> all = all_processes();
  std::set<pid_t> family{ancestor};
  std::vector<pid_t> out;
  // Parents may come after their children in the list: repeat until nothing is added.
  for (bool grown = true; grown;) {
    grown = false;
    for (const ProcessInfo& each : all)
      if (family.contains(each.parent) && family.insert(each.pid).second) {
        grown = true;
        if (each.state != 'Z') out.push_back(each.pid);
      }
  }
  return out;
}

bool has_marks(pid_t pid, const std::vector<std::string>& marks) {
  if (marks.empty()) return false;
  std::string environment = read_all(path_of(pid, "environ").c_str());
  environment.insert(environment.begin(), '\0');
  environment.push_back('\0');
  return std::ranges::all_of(marks, [&](const std::string& mark) {
    std::string entry = '\0' + mark + '\0';
    return environment.find(entry) != std::string::npos;
  });
}

}  // namespace msctl::local::guard
