#include "runtime/local/state/paths.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <thread>

#include "runtime/base/names.h"
#include "runtime/local/guard/journal.h"
#include "runtime/local/guard/proc.h"
#include "runtime/system/files.h"

namespace msctl::local {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kSocketLimit = 107;  // sun_path holds 108 bytes with the terminating zero

std::unexpected<base::Error> cannot_write(const std::string& path, const std::string& why) {
  return base::fail(base::Code::cannotWrite, fmt::format("cannot write {}: {}", path, why));
}

// A zombie is dead: in a container its parent may never wait for it.
bool alive(pid_t pid) {
  auto info = guard::process_info(pid);
  return pid > 0 && info && info->state != 'Z' && info->state != 'X';
}

base::Result<void> make_folder(const RunPaths& paths) {
  std::error_code error;
  fs::create_directories(paths.logs(), error);
  if (error) return cannot_write(paths.folder, error.message());
  std::string ignore = paths.root + "/.msctl/.gitignore";
  if (!fs::exists(ignore, error)) std::ofstream(ignore) << "*\n";
  return {};
}

std::vector<std::string> isolated_ids(const std::string& root) {
  std::vector<std::string> out;
  std::error_code error;
  for (fs::directory_iterator each(root + "/.msctl/runs", error), end; !error && each != end;
       each.increment(error))
    out.push_back(each->path().filename().string());
  return out;
}

// Whether nobody holds the lock of a run.
bool is_over(const RunPaths& paths) {
  base::Fd fd(::open(paths.lock().c_str(), O_RDWR | O_CLOEXEC));
  return !fd || ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0;
}

// 64-bit FNV-1a: short, and the same for the same workspace.
std::string short_hash(const std::string& text) {
  std::uint64_t hash = 14695981039346656037u;
  for (char byte : text) hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211u;
  return fmt::format("{:016x}", hash);
}

}  // namespace

RunPaths run_paths(const std::string& root, const std::string& id) {
  return {root, id, id.empty() ? root + "/.msctl" : root + "/.msctl/runs/" + id};
}

std::optional<RunState> read_state(const RunPaths& paths) {
  auto text = system::RealFiles{}.read(paths.state());
  if (!text) return std::nullopt;
  auto document = nlohmann::json::parse(*text, nullptr, false);
  if (!document.is_object()) return std::nullopt;
  return RunState{document.value("pid", 0), document.value("id", ""), document.value("socket", ""),
                  document.value("gateway", ""), document.value("startedAt", "")};
}

base::Result<void> write_state(const RunPaths& paths, const RunState& state) {
  nlohmann::ordered_json document{{"schema", 1},
                                  {"pid", state.pid},
                                  {"id", state.id},
                                  {"socket", state.socket},
                                  {"gateway", state.gateway},
                                  {"startedAt", state.started_at}};
  return system::RealFiles{}.replace(paths.state(), document.dump(2) + "\n");
}

base::Result<RunPaths> choose_run(const std::string& root, const std::string& id) {
  std::vector<std::string> isolated;
  for (const std::string& each : isolated_ids(root))
    if (!is_over(run_paths(root, each))) isolated.push_back(each);
  if (!id.empty()) {
    for (const std::string& each : isolated)
      if (each == id) return run_paths(root, id);
    return base::fail(base::Code::unknownName, fmt::format("there is no run '{}' of this workspace", id),
                      base::did_you_mean(id, isolated));
  }
  RunPaths main = run_paths(root);
  if (!is_over(main)) return main;
  if (isolated.size() == 1) return run_paths(root, isolated.front());
  if (isolated.empty())
    return base::fail(base::Code::notRunning, "this workspace is not running", "msctl run --detach");
  return base::fail(base::Code::usage, "there are several isolated runs of this workspace, and no main one",
                    "name one with --run: " + base::either(isolated));
}

base::Result<base::Fd> take_lock(const RunPaths& paths) {
  if (auto made = make_folder(paths); !made) return std::unexpected(made.error());
  base::Fd fd(::open(paths.lock().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) return cannot_write(paths.lock(), std::strerror(errno));
  // The holder's pid stands in the lock. Where that msctl is dead, its guard is about to end what it left:
  // some seconds at most.
  for (int round = 0; ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0; ++round) {
    char text[32]{};
    ssize_t n = ::pread(fd.get(), text, sizeof text - 1, 0);
    int holder = n > 0 ? std::atoi(text) : 0;
    if (alive(holder) || round > 1000)
      return base::fail(
          base::Code::alreadyRunning,
          fmt::format("{} runs already, as process {}", fs::path(paths.root).filename().string(), holder),
          "msctl status shows it, msctl stop ends it, msctl run --isolated starts another beside it");
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd.get(), 0) != 0 || ::pwrite(fd.get(), pid.data(), pid.size(), 0) < 0)
    return cannot_write(paths.lock(), std::strerror(errno));
  return fd;
}

int clean_up(const RunPaths& paths) {
  int ended = guard::kill_journalled(paths.journal());
  if (auto state = read_state(paths); state && !state->socket.empty()) {
    ::unlink(state->socket.c_str());
    if (auto socket = socket_path(paths, "admin")) ::unlink(socket->c_str());
  }
  ::unlink(paths.state().c_str());
  ::unlink(paths.journal().c_str());
  return ended;
}

void clean_up_isolated(const std::string& root) {
  for (const std::string& id : isolated_ids(root)) {
    RunPaths paths = run_paths(root, id);
    if (!is_over(paths)) continue;
    clean_up(paths);
    std::error_code ignored;
    fs::remove_all(paths.folder, ignored);
  }
}

base::Result<std::string> socket_path(const RunPaths& paths, std::string_view which) {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  std::string folder = runtime != nullptr && *runtime != '\0' ? std::string(runtime) + "/msctl"
                                                              : fmt::format("/tmp/msctl-{}", ::getuid());
  std::string hash = short_hash(fs::weakly_canonical(paths.root).string() + "\n" + paths.id);
  std::string path = fmt::format("{}/{}.{}.sock", folder, hash, which);
  if (path.size() > kSocketLimit) {
    folder = fmt::format("/tmp/msctl-{}", ::getuid());
    path = folder + "/" + fs::path(path).filename().string();
  }
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return cannot_write(folder, std::strerror(errno));
  struct stat info{};
  bool ours = ::lstat(folder.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == ::getuid() &&
              (info.st_mode & 077) == 0;
  if (!ours) return cannot_write(folder, "it exists, but is not a folder that only this user may enter");
  return path;
}

}  // namespace msctl::local
