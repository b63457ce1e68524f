// prober [-t SECONDS] PORT PATH [PORT PATH …]: asks each address for its path until it answers 200, and
// prints the milliseconds on the monotonic clock at which all had. Exit status 1 when the time is up.
//
// A few at a time, in order: asking all of them in every round would take the processor from what is
// measured, and more from a gateway, which answers, than from a port that refuses.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr int at_a_time = 2;

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
  std::atomic<int> next{first};
  std::atomic<bool> late{false};
  auto work = [&] {
    for (int i; (i = next.fetch_add(2)) + 1 < count;)
      while (!late && !answers(std::atoi(arguments[i]), arguments[i + 1])) {
        if (now_ms() > limit) late = true;
        usleep(1000);
      }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < at_a_time; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  if (late) return 1;
  std::printf("%.3f\n", now_ms());
}
