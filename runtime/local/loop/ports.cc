#include "runtime/local/loop/ports.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

namespace msctl::local {
namespace {

namespace fs = std::filesystem;

constexpr int kLowest = 20000;

// [kLowest, start of the ephemeral range), or a little above 1024 where that range begins early.
std::pair<int, int> service_ports() {
  int low = 32768;
  std::ifstream("/proc/sys/net/ipv4/ip_local_port_range") >> low;
  if (low > kLowest + 1000) return {kLowest, low - 1};
  return {std::max(1100, low / 2), std::max(low - 1, 2100)};
}

bool can_bind(int port) {
  base::Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = loopback(port);
  return ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

// The inodes of the listening sockets on a port, from /proc/net/tcp: "sl local_address rem_address st … uid
// timeout inode".
std::vector<std::string> listening_inodes(int port) {
  std::vector<std::string> out;
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream file(table);
    std::string line;
    std::getline(file, line);
    while (std::getline(file, line)) {
      std::istringstream words(line);
      std::array<std::string, 10> field;
      for (std::string& each : field) words >> each;
      std::size_t colon = field[1].rfind(':');
      if (field[3] != "0A" || colon == std::string::npos) continue;
      if (std::stoi(field[1].substr(colon + 1), nullptr, 16) == port)
        out.push_back("socket:[" + field[9] + "]");
    }
  }
  return out;
}

}  // namespace

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

base::Result<int> free_port() {
  static const auto range = service_ports();
  static std::mt19937 random{std::random_device{}()};
  static int next = std::uniform_int_distribution<int>(range.first, range.second)(random);
  for (int tried = 0; tried <= range.second - range.first; ++tried) {
    int port = next++;
    if (next > range.second) next = range.first;
    if (can_bind(port)) return port;
  }
  return base::fail(base::Code::portTaken,
                    fmt::format("no port between {} and {} is free", range.first, range.second));
}

base::Result<Bound> bind_loopback() {
  for (int tried = 0; tried < 100; ++tried) {
    auto port = free_port();
    if (!port) return std::unexpected(port.error());
    Bound bound{base::Fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)), *port};
    sockaddr_in address = loopback(*port);
    if (::bind(bound.socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
      return bound;
  }
  return base::fail(base::Code::portTaken, "no free port on 127.0.0.1");
}

std::string owner_of_port(int port) {
  std::vector<std::string> inodes = listening_inodes(port);
  std::error_code error;
  for (const auto& process : fs::directory_iterator("/proc", error)) {
    std::string pid = process.path().filename().string();
    if (inodes.empty() || pid.find_first_not_of("0123456789") != std::string::npos) continue;
    for (fs::directory_iterator fd(process.path() / "fd", error), end; !error && fd != end;
         fd.increment(error)) {
      std::string target = fs::read_symlink(fd->path(), error).string();
      if (std::ranges::find(inodes, target) == inodes.end()) continue;
      std::string name;
      std::getline(std::ifstream(process.path() / "comm"), name);
      return fmt::format("{} (pid {})", name, pid);
    }
  }
  return {};
}

}  // namespace msctl::local
