// prober [-t SECONDS] PORT PATH [PORT PATH …]: asks each address for its path until it answers 200, all at
// once, every millisecond, and prints the milliseconds on the monotonic clock at which the last one did. Exit
// status 1 when the time is up.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

double now_ms() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) / 1e6;
}

// One question on a connection of its own; loopback answers at once or refuses at once.
bool answers(int port, const std::string& path) {
  int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<unsigned short>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  timeval limit{0, 200000};
  setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  bool good = false;
  if (connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
    std::string request = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    char buffer[512] = {};
    if (write(client, request.data(), request.size()) > 0 && read(client, buffer, sizeof buffer - 1) > 12)
      good = std::strncmp(buffer + 9, "200", 3) == 0;
  }
  close(client);
  return good;
}

}  // namespace

int main(int count, char** arguments) {
  double limit = now_ms() + 60000;
  int first = 1;
  if (count > 2 && std::strcmp(arguments[1], "-t") == 0) {
    limit = now_ms() + std::atof(arguments[2]) * 1e3;
    first = 3;
  }
  struct Target {
    int port;
    std::string path;
  };
  std::vector<Target> left;
  for (int i = first; i + 1 < count; i += 2) left.push_back({std::atoi(arguments[i]), arguments[i + 1]});
  while (!left.empty()) {
    for (std::size_t i = left.size(); i-- > 0;)
      if (answers(left[i].port, left[i].path)) left.erase(left.begin() + static_cast<long>(i));
    if (left.empty()) break;
    if (now_ms() > limit) return 1;
    usleep(1000);
  }
  std::printf("%.3f\n", now_ms());
}
