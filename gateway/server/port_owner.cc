#include "gateway/server/port_owner.h"

#include <dirent.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <sstream>
#include <vector>

namespace msctl::gateway::server {
namespace {

// The inodes of sockets listening on the port: columns "local_address" (HEX:PORT), "st" (0A is LISTEN) and
// "inode".
void collect_inodes(const char* table, std::uint16_t port, std::vector<std::string>& inodes) {
  std::ifstream file(table);
  std::string line;
  std::string suffix = fmt::format(":{:04X}", port);
  while (std::getline(file, line)) {
    std::istringstream columns(line);
    std::string number, local, remote, state, queue, timer, retransmit, user, timeout, inode;
    columns >> number >> local >> remote >> state >> queue >> timer >> retransmit >> user >> timeout >> inode;
    if (state == "0A" && local.ends_with(suffix)) inodes.push_back(fmt::format("socket:[{}]", inode));
  }
}

template <class Use>
void for_each_entry(const std::string& folder, Use use) {
  DIR* directory = opendir(folder.c_str());
  if (directory == nullptr) return;
  while (const dirent* entry = readdir(directory)) use(std::string_view(entry->d_name));
  closedir(directory);
}

bool holds(const std::string& process, const std::vector<std::string>& inodes) {
  bool found = false;
  std::string folder = "/proc/" + process + "/fd/";
  for_each_entry(folder, [&](std::string_view name) {
    std::array<char, 64> target;
    ssize_t size = readlink((folder + std::string(name)).c_str(), target.data(), target.size());
    if (size <= 0) return;
    std::string_view text(target.data(), static_cast<std::size_t>(size));
    found = found || std::ranges::find(inodes, text) != inodes.end();
  });
  return found;
}

}  // namespace

std::string port_owner(std::uint16_t port) {
  std::vector<std::string> inodes;
  collect_inodes("/proc/net/tcp", port, inodes);
  collect_inodes("/proc/net/tcp6", port, inodes);
  if (inodes.empty()) return {};
  std::string owner;
  for_each_entry("/proc", [&](std::string_view name) {
    if (!owner.empty() || name.find_first_not_of("0123456789") != std::string_view::npos) return;
    std::string process(name);
    if (!holds(process, inodes)) return;
    std::string command;
    std::ifstream("/proc/" + process + "/comm") >> command;
    owner = fmt::format("{} (pid {})", command, process);
  });
  return owner;
}

}  // namespace msctl::gateway::server
