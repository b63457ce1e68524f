// What /proc tells of processes: who descends from whom, who carries which marks in its environment.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace msctl::local::guard {

struct ProcessInfo {
  pid_t pid = 0;
  pid_t parent = 0;
  pid_t group = 0;
  char state = '?';              // 'Z': dead, waiting for its parent
  std::uint64_t start_time = 0;  // clock ticks since boot: with the pid it names a process for ever
};

std::optional<ProcessInfo> process_info(pid_t pid);
std::vector<ProcessInfo> all_processes();

// Of `ancestor`, without itself and without zombies.
std::vector<pid_t> descendants(pid_t ancestor);

// Whether all of "NAME=value" stand in the environment that the process was started with.
bool has_marks(pid_t pid, const std::vector<std::string>& marks);

}  // namespace msctl::local::guard
