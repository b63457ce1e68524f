// A service that misbehaves on demand. Compiled once a test session, since a start of it has to cost nothing.
//
//   service NAME MARK          listens on 127.0.0.1:$PORT
//
// How it misbehaves stands in its environment:
//   FAULT_RECORD=FILE          appends "start|listen|term|exit NAME PID", a line each, as it happens
//   FAULT_EXIT=N, FAULT_SIGNAL=N   ends at once, with last words on standard error
//   FAULT_CRASH_AFTER=K        ends with status 9 when it has answered K requests (health checks do not
//   count) FAULT_LISTEN=never|wrong|FILE   never listens; listens elsewhere; listens once FILE exists
//   FAULT_READY=503            readiness says no; "slow": it never answers; a path: ready once that file
//   exists FAULT_DELAY=MS             pauses before it listens FAULT_IGNORE_TERM=1        SIGTERM does
//   nothing FAULT_TERM_DELAY=MS        pauses between SIGTERM and its end FAULT_CHILDREN=N           leaves N
//   children in its process group (which ignore SIGTERM as it does) FAULT_ORPHAN=FILE          a grandchild
//   in a session of its own, by two forks, whose PID is written to FILE; FAULT_ORPHAN_BARE=1        … which
//   wipes its environment, and is told by its arguments only FAULT_PRINT=BYTES          prints so much text,
//   in lines, as fast as it can, before it listens FAULT_BINARY=BYTES         prints so many bytes without a
//   newline, none of them valid UTF-8 for long FAULT_SAY=TEXT             prints this line on standard output
#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

namespace {

std::string name, mark;
std::atomic<int> in_flight{0}, answered{0};
std::atomic<bool> unready{false}, hanging{false}, ending{false};
int listener = -1;

std::string setting(const char* variable) {
  const char* value = std::getenv(variable);
  return value == nullptr ? "" : value;
}
long number(const char* variable) {
  return std::atol(setting(variable).c_str());
}
bool exists(const std::string& path) {
  struct stat info{};
  return stat(path.c_str(), &info) == 0;
}
void pause_ms(long ms) {
  usleep(static_cast<useconds_t>(ms) * 1000);
}

void write_all(int fd, const char* data, std::size_t size) {
  while (size > 0) {
    ssize_t n = write(fd, data, size);
    if (n <= 0) return;
    data += n;
    size -= static_cast<std::size_t>(n);
  }
}

void record(const char* what) {
  std::string path = setting("FAULT_RECORD");
  if (path.empty()) return;
  int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  std::string line = std::string(what) + " " + name + " " + std::to_string(getpid()) + "\n";
  write_all(fd, line.data(), line.size());
  close(fd);
}

// "GET /id HTTP/1.1" to http://host:port; the body of the answer, or "error: …".
std::string fetch(const std::string& url) {
  std::size_t from = url.find("://");
  if (from == std::string::npos) return "error: no url '" + url + "'";
  std::string host = url.substr(from + 3);
  host = host.substr(0, host.find('/'));
  std::size_t colon = host.rfind(':');
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  if (colon == std::string::npos ||
      getaddrinfo(host.substr(0, colon).c_str(), host.substr(colon + 1).c_str(), &hints, &found) != 0)
    return "error: cannot resolve " + host;
  int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  bool connected = connect(fd, found->ai_addr, found->ai_addrlen) == 0;
  freeaddrinfo(found);
  std::string text = "error: cannot connect to " + host;
  if (connected) {
    std::string request = "GET /id HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
    write_all(fd, request.data(), request.size());
    char buffer[4096];
    text.clear();
    for (ssize_t n = 0; (n = read(fd, buffer, sizeof buffer)) > 0;)
      text.append(buffer, static_cast<std::size_t>(n));
    std::size_t head = text.find("\r\n\r\n");
    text = head == std::string::npos ? "error: no answer" : text.substr(head + 4);
  }
  close(fd);
  return text;
}

long parameter(const std::string& target, const std::string& key, long fallback) {
  std::size_t at = target.find(key + "=");
  return at == std::string::npos ? fallback : std::atol(target.c_str() + at + key.size() + 1);
}

std::string upper(std::string text) {
  for (char& c : text) c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

struct Answer {
  int status = 200;
  std::string body{};
};

Answer readiness() {
  std::string how = setting("FAULT_READY");
  if (how == "slow") pause_ms(3'600'000);
  bool no = unready || how == "503" || (how.starts_with("/") && !exists(how));
  return no ? Answer{503, "the larder is empty\n"} : Answer{200, "ready\n"};
}

Answer answer(const std::string& target) {
  std::string path = target.substr(0, target.find('?'));
  if (path == "/health/ready") return readiness();
  if (path == "/health/live") {
    if (hanging) pause_ms(3'600'000);
    return {200, "live\n"};
  }
  if (path == "/id")
    return {200, "{\"service\":\"" + name + "\",\"pid\":" + std::to_string(getpid()) +
                     ",\"port\":" + setting("PORT") + "}"};
  if (path == "/env") {
    Answer out;
    for (char** each = environ; *each != nullptr; ++each) out.body += std::string(*each) + "\n";
    return out;
  }
  if (path == "/slow") {
    pause_ms(parameter(target, "ms", 1000));
    return {200, std::to_string(getpid())};
  }
  if (path == "/held") {
    record("held");
    pause_ms(parameter(target, "ms", 1000));
  }
  if (path.starts_with("/call/")) return {200, fetch(setting((upper(path.substr(6)) + "_URL").c_str()))};
  if (path == "/unready") unready = true;
  if (path == "/ready") unready = false;
  if (path == "/hang") hanging = true;
  if (path == "/exit") {
    std::fprintf(stderr, "asked to end\n");
    _exit(static_cast<int>(parameter(target, "code", 1)));
  }
  if (path == "/print")
    for (long i = 0; i < parameter(target, "lines", 1); ++i) {
      std::string line = "printed line " + std::to_string(i) + "\n";
      write_all(1, line.data(), line.size());
    }
  return {200, "ok\n"};
}

void serve(int fd) {
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  std::string in;
  char buffer[16384];
  for (;;) {
    std::size_t end = in.find("\r\n\r\n");
    if (end == std::string::npos) {
      ssize_t n = read(fd, buffer, sizeof buffer);
      if (n <= 0) break;
      in.append(buffer, static_cast<std::size_t>(n));
      continue;
    }
    std::string head = in.substr(0, end);
    in.erase(0, end + 4);
    std::size_t space = head.find(' ');
    std::string target = head.substr(space + 1, head.find(' ', space + 1) - space - 1);
    bool counts = !target.starts_with("/health");
    in_flight += counts;
    Answer out = answer(target);
    std::string text =
        "HTTP/1.1 " + std::to_string(out.status) +
        " X\r\nContent-Type: text/plain\r\nContent-Length: " + std::to_string(out.body.size()) +
        (ending ? "\r\nConnection: close" : "") + "\r\n\r\n" + out.body;
    write_all(fd, text.data(), text.size());
    in_flight -= counts;
    if (counts) {
      long limit = number("FAULT_CRASH_AFTER");
      if (++answered >= limit && limit > 0) {
        std::fprintf(stderr, "that was one request too many\n");
        _exit(9);
      }
    }
    if (ending || head.find("Connection: close") != std::string::npos) break;
  }
  close(fd);
}

void print_much() {
  long bytes = number("FAULT_PRINT");
  std::string line(1023, 'x');
  for (long done = 0, i = 0; done < bytes; done += 1024, ++i) {
    std::string text = std::to_string(i) + " " + line;
    text.resize(1023);
    text += '\n';
    write_all(1, text.data(), text.size());
  }
  long binary = number("FAULT_BINARY");
  std::string block;
  for (int i = 0; i < 4096; ++i) {
    char byte = static_cast<char>((i * 7919 + i / 256) % 256);
    block += byte == '\n' ? '\xff' : byte;
  }
  for (long done = 0; done < binary; done += 4096) write_all(1, block.data(), block.size());
  std::string say = setting("FAULT_SAY");
  if (!say.empty()) write_all(1, (say + "\n").data(), say.size() + 1);
}

void make_children(char* program) {
  for (long i = 0; i < number("FAULT_CHILDREN"); ++i)
    if (fork() == 0) {
      if (!setting("FAULT_IGNORE_TERM").empty()) signal(SIGTERM, SIG_IGN);
      for (;;) pause();
    }
  std::string file = setting("FAULT_ORPHAN");
  if (file.empty()) return;
  if (fork() != 0) return;
  setsid();
  if (fork() != 0) _exit(0);
  setsid();
  signal(SIGTERM, SIG_IGN);
  std::string temporary = file + "." + std::to_string(getpid());
  int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  std::string text = std::to_string(getpid());
  write_all(fd, text.data(), text.size());
  close(fd);
  std::rename(temporary.c_str(), file.c_str());
  char orphan[] = "--orphan";
  char* arguments[] = {program, orphan, mark.data(), nullptr};
  char* nothing[] = {nullptr};
  if (!setting("FAULT_ORPHAN_BARE").empty()) execve("/proc/self/exe", arguments, nothing);
  for (;;) pause();
}

void await_end(sigset_t signals) {
  do {
    int got = 0;
    sigwait(&signals, &got);
    record("term");
  } while (!setting("FAULT_IGNORE_TERM").empty());
  ending = true;
  shutdown(listener, SHUT_RD);
  pause_ms(number("FAULT_TERM_DELAY"));
  while (in_flight > 0) pause_ms(1);
  record("exit");
  _exit(0);
}

void listen_on(int port) {
  listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<unsigned short>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener, 4096) != 0) {
    std::perror("cannot listen");
    std::exit(71);
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count > 1 && std::strcmp(arguments[1], "--orphan") == 0) {
    signal(SIGTERM, SIG_IGN);
    for (;;) pause();
  }
  name = count > 1 ? arguments[1] : "?";
  mark = count > 2 ? arguments[2] : "";
  signal(SIGPIPE, SIG_IGN);
  record("start");
  make_children(arguments[0]);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  std::thread(await_end, signals).detach();
  print_much();
  if (!setting("FAULT_EXIT").empty() || !setting("FAULT_SIGNAL").empty()) {
    std::fprintf(stderr, "first of the last words\nfarewell, cruel world\n");
    if (!setting("FAULT_SIGNAL").empty()) {
      signal(static_cast<int>(number("FAULT_SIGNAL")), SIG_DFL);
      kill(getpid(), static_cast<int>(number("FAULT_SIGNAL")));
      for (;;) pause();
    }
    _exit(static_cast<int>(number("FAULT_EXIT")));
  }
  std::string when = setting("FAULT_LISTEN");
  if (when == "never")
    for (;;) pause();
  while (when.starts_with("/") && !exists(when)) pause_ms(5);
  pause_ms(number("FAULT_DELAY"));
  if (setting("PORT").empty()) {
    std::fprintf(stderr, "PORT is not set\n");
    return 64;
  }
  listen_on(when == "wrong" ? 0 : static_cast<int>(number("PORT")));
  record("listen");
  for (;;) {
    int client = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (client >= 0)
      std::thread(serve, client).detach();
    else if (ending)
      for (;;) pause();
  }
}
