#include "runtime/local/guard/journal.h"

#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "runtime/local/guard/proc.h"

namespace msctl::local::guard {
namespace {

struct Entry {
  std::uint64_t start_time = 0;
  std::vector<std::string> marks;
};

std::map<pid_t, Entry> read_journal(const std::string& path) {
  std::map<pid_t, Entry> running;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    char what = 0;
    pid_t pid = 0;
    if (!(words >> what >> pid) || pid <= 1) continue;
    if (what == '-') running.erase(pid);
    Entry entry;
    if (what != '+' || !(words >> entry.start_time)) continue;
    for (std::string mark; words >> mark;) entry.marks.push_back(mark);
    running[pid] = std::move(entry);
  }
  return running;
}

bool belongs(const ProcessInfo& process, pid_t pid, const Entry& entry) {
  if (process.state == 'Z' || process.pid == ::getpid()) return false;
  if (process.pid == pid) return process.start_time == entry.start_time;
  if (process.start_time < entry.start_time) return false;
  return has_marks(process.pid, entry.marks);
}

std::set<pid_t> survivors(const std::map<pid_t, Entry>& running) {
  std::set<pid_t> out;
  for (const ProcessInfo& process : all_processes())
    for (const auto& [pid, entry] : running)
      if (belongs(process, pid, entry)) out.insert(process.pid);
  return out;
}

}  // namespace

std::string journal_started(pid_t pid, const std::vector<std::string>& marks) {
  auto info = process_info(pid);
  std::string line = "+ " + std::to_string(pid) + " " + std::to_string(info ? info->start_time : 0);
  for (const std::string& mark : marks) line += " " + mark;
  return line + "\n";
}

std::string journal_ended(pid_t pid) {
  return "- " + std::to_string(pid) + "\n";
}

void append_to_journal(int fd, const std::string& lines) {
  // A journal that cannot be written (full disk) costs the cleaning up after a double kill, not the run.
  [[maybe_unused]] ssize_t n = ::write(fd, lines.data(), lines.size());
}

int kill_journalled(const std::string& path) {
  std::map<pid_t, Entry> running = read_journal(path);
  if (running.empty()) return 0;
  std::set<pid_t> found;
  // Several rounds, since a process may fork while it is being looked for.
  for (int round = 0; round < 200; ++round) {
    std::set<pid_t> left = survivors(running);
    if (left.empty()) break;
    for (pid_t pid : left) ::kill(pid, SIGKILL);
    found.merge(left);
    ::poll(nullptr, 0, 5);
  }
  return static_cast<int>(found.size());
}

}  // namespace msctl::local::guard
