#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <climits>

#include "runtime/base/file.h"
#include "runtime/kubernetes/lock/lock.h"

namespace msctl::kubernetes {
namespace {

// Field 22 of /proc/PID/stat (proc(5)): behind the program's name, which may hold blanks and parentheses.
std::string start_of(int pid) {
  auto stat = base::read_file(fmt::format("/proc/{}/stat", pid));
  if (!stat) return {};
  std::size_t at = stat->rfind(')');
  constexpr int fields_between = 20;
  for (int i = 0; i < fields_between && at != std::string::npos; ++i) at = stat->find(' ', at + 1);
  if (at == std::string::npos) return {};
  return stat->substr(at + 1, stat->find(' ', at + 1) - at - 1);
}

std::string this_machine() {
  auto boot = base::read_file("/proc/sys/kernel/random/boot_id");
  struct stat space{};
  if (!boot || stat("/proc/self/ns/pid", &space) != 0) return {};
  boot->erase(boot->find_last_not_of('\n') + 1);
  return fmt::format("{}/{}", *boot, space.st_ino);
}

std::string this_user() {
  const passwd* entry = getpwuid(geteuid());
  return entry != nullptr ? entry->pw_name : std::to_string(geteuid());
}

std::string this_host() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

}  // namespace

std::string Holder::text() const {
  return fmt::format("{} ({}, since {})", by, command, since);
}

Holder this_holder(const std::string& command, base::WallTime now) {
  return {fmt::format("{}@{}", this_user(), this_host()),
          command,
          base::to_rfc3339(now),
          this_machine(),
          getpid(),
          start_of(getpid())};
}

bool is_gone(const Holder& holder) {
  return !holder.machine.empty() && holder.machine == this_machine() && holder.pid > 0 &&
         !holder.started.empty() && start_of(holder.pid) != holder.started;
}

}  // namespace msctl::kubernetes
