// Where a run keeps what outlives a command: the folder .msctl of the workspace (state, lock, logs), and a
// folder of this user for the control socket, whose path must stay below 108 bytes whatever the workspace's
// is.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/base/fd.h"

namespace msctl::local {

// The files of one run. The main run has an empty id; isolated ones live under .msctl/runs/<id>.
struct RunPaths {
  std::string root;  // the workspace's
  std::string id;
  std::string folder;  // .msctl or .msctl/runs/<id>
  std::string lock() const { return folder + "/lock"; }
  std::string state() const { return folder + "/run.json"; }
  std::string journal() const { return folder + "/processes"; }
  std::string logs() const { return folder + "/logs"; }
};
RunPaths run_paths(const std::string& root, const std::string& id = {});

// What run.json tells other commands.
struct RunState {
  int pid = 0;
  std::string id;
  std::string socket;
  std::string gateway;  // URL
  std::string started_at;
};
std::optional<RunState> read_state(const RunPaths& paths);
base::Result<void> write_state(const RunPaths& paths, const RunState& state);

// The run that commands without --run mean: the main one, else the only isolated one. Errors: notRunning,
// unknownName.
base::Result<RunPaths> choose_run(const std::string& root, const std::string& id);

// Makes the folders and takes the lock, which also the guard holds until it ends. A lock whose msctl is dead
// is waited for. Errors: alreadyRunning with who runs it, cannotWrite.
base::Result<base::Fd> take_lock(const RunPaths& paths);

// Ends what a run left that was killed together with its guard, and removes its state; also of isolated runs
// that are no more. Needs the lock of the main run or none. How many processes were ended.
int clean_up(const RunPaths& paths);
void clean_up_isolated(const std::string& root);

// A path for one of the run's sockets ("control", "admin") in a folder that only this user can enter. Errors:
// cannotWrite.
base::Result<std::string> socket_path(const RunPaths& paths, std::string_view which);

}  // namespace msctl::local
