#include "runtime/system/spawn.h"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <csignal>

namespace msctl::system {
namespace {

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> out;
  out.reserve(strings.size() + 1);
  for (const std::string& each : strings) out.push_back(const_cast<char*>(each.c_str()));
  out.push_back(nullptr);
  return out;
}

// The library's two objects, destroyed together.
struct Plan {
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
  int error = 0;

  Plan() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  ~Plan() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  void then(int result) {
    if (error == 0) error = result;
  }
  // dup2 onto itself would leave CLOEXEC set before glibc 2.29; since then posix_spawn clears it, as POSIX
  // asks.
  void descriptor(int from, int to) {
    if (from < 0)
      then(posix_spawn_file_actions_addopen(&actions, to, "/dev/null", to == 0 ? O_RDONLY : O_WRONLY, 0));
    else
      then(posix_spawn_file_actions_adddup2(&actions, from, to));
  }
};

}  // namespace

std::expected<pid_t, int> spawn(const Spawn& request) {
  Plan plan;
  plan.descriptor(request.input, 0);
  plan.descriptor(request.output, 1);
  plan.descriptor(request.error, 2);
  if (!request.folder.empty())
    plan.then(posix_spawn_file_actions_addchdir_np(&plan.actions, request.folder.c_str()));

  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  plan.then(posix_spawnattr_setsigmask(&plan.attributes, &none));
  plan.then(posix_spawnattr_setsigdefault(&plan.attributes, &all));
  short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
  if (!request.same_group)
    flags = static_cast<short>(flags | (request.new_session ? POSIX_SPAWN_SETSID : POSIX_SPAWN_SETPGROUP));
  plan.then(posix_spawnattr_setflags(&plan.attributes, flags));
  if (plan.error != 0) return std::unexpected(plan.error);

  pid_t pid = -1;
  auto argv = pointers(request.argv);
  auto environment = pointers(request.environment);
  int error = posix_spawnp(&pid, argv[0], &plan.actions, &plan.attributes, argv.data(), environment.data());
  if (error != 0) return std::unexpected(error);
  return pid;
}

}  // namespace msctl::system
