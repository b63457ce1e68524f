// The list of the processes that a run has started, kept in a file by the guard, for the case that both msctl
// and the guard are killed at once: the next run ends what they left. One line a fact:
//   + PID STARTTIME MARK…   started
//   - PID                   ended, with all that belonged to it
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace msctl::local::guard {

// The lines; appended in a single write.
std::string journal_started(pid_t pid, const std::vector<std::string>& marks);
std::string journal_ended(pid_t pid);
void append_to_journal(int fd, const std::string& lines);

// Kills, and waits for the end of, every process that the journal names as running: the process itself, its
// group, and those that carry its marks and are not older than it. How many were found.
int kill_journalled(const std::string& path);

}  // namespace msctl::local::guard
