#include "runtime/local/control/client.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <nlohmann/json.hpp>

#include "runtime/local/logs/reader.h"

namespace msctl::local {
namespace {

using Json = nlohmann::ordered_json;

constexpr base::Duration kQuick = std::chrono::seconds{10};
constexpr base::Duration kNever = std::chrono::hours{24 * 365};

std::unexpected<base::Error> no_answer(const std::string& why) {
  return base::fail(base::Code::controlFailed, "the run does not answer: " + why, "msctl status");
}

// Nothing, with errno set, where nobody listens.
base::Fd connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), std::min(path.size(), sizeof address.sun_path - 1));
  base::Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return {};
  return socket;
}

// Sends one request and reads to the end of the answer.
base::Result<std::string> exchange(const base::Fd& socket, const std::string& request,
                                   base::Duration timeout) {
  if (::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size()))
    return no_answer(std::strerror(errno));
  auto deadline = std::chrono::steady_clock::now() + std::min(timeout, kNever);
  std::string answer;
  for (char buffer[16384];;) {
    auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    pollfd watched{socket.get(), POLLIN, 0};
    int ready = ::poll(&watched, 1, static_cast<int>(std::clamp<long long>(left, 0, 1 << 30)));
    if (ready < 0 && errno == EINTR) return base::fail(base::Code::interrupted, "interrupted");
    if (ready == 0) return base::fail(base::Code::waitTimeout, "the run has not answered in time");
    ssize_t n = ::recv(socket.get(), buffer, sizeof buffer, 0);
    if (n < 0) return no_answer(std::strerror(errno));
    if (n == 0) break;
    answer.append(buffer, static_cast<std::size_t>(n));
  }
  if (answer.empty()) return no_answer("it has ended");
  return answer;
}

// Ends what a run left that was killed together with its guard. Where the guard lives, it has the lock until
// it is done.
base::Result<void> clean_up_after_killed(const std::string& root) {
  RunPaths paths = run_paths(root);
  if (::access(paths.journal().c_str(), F_OK) == 0) {
    auto lock = take_lock(paths);
    if (!lock && lock.error().code != base::Code::alreadyRunning) return std::unexpected(lock.error());
    if (lock) clean_up(paths);
  }
  clean_up_isolated(root);
  return {};
}

void wait_for_end(int pid) {
  base::Fd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  pollfd watched{process.get(), POLLIN, 0};
  if (process) ::poll(&watched, 1, 30'000);
}

}  // namespace

std::string error_to_json(const base::Error& error) {
  return base::to_json(error).dump(-1, ' ', false, Json::error_handler_t::replace);
}

base::Error error_from_json(const std::string& text) {
  auto document = nlohmann::json::parse(text, nullptr, false);
  base::Error error;
  error.code = base::Code::controlFailed;
  error.message = "the run refused";
  if (!document.is_object()) return error;
  if (auto code = base::code_from(document.value("code", ""))) error.code = *code;
  error.message = document.value("message", error.message);
  error.expected = document.value("expected", "");
  error.suggestion = document.value("suggestion", "");
  return error;
}

// Between taking its lock and opening its socket, and again at its end, a run cannot be asked for some
// milliseconds.
base::Result<RunState> LocalClient::state() {
  for (int round = 0; round < 300; ++round) {
    auto paths = choose_run(root_, run_);
    if (!paths) return std::unexpected(paths.error());
    if (auto found = read_state(*paths)) return *found;
    ::poll(nullptr, 0, 10);
  }
  return base::fail(base::Code::controlFailed, "the run is starting or ending", "repeat the command");
}

base::Result<std::string> LocalClient::ask(const std::string& method, const std::string& path,
                                           const std::string& body, base::Duration timeout) {
  std::string request = fmt::format("{} {} HTTP/1.1\r\nHost: msctl\r\nContent-Length: {}\r\n\r\n{}", method,
                                    path, body.size(), body);
  base::Result<std::string> answer;
  // Where nobody listens the run was killed, and its guard is at work: soon there is no run. A question is
  // asked again also when the answer stays away, a command is not.
  for (int round = 0; round < 300; ++round) {
    auto run = state();
    if (!run) return std::unexpected(run.error());
    base::Fd socket = connect_to(run->socket);
    bool sent = static_cast<bool>(socket);
    answer = sent ? exchange(socket, request, timeout)
                  : base::Result<std::string>(no_answer(std::strerror(errno)));
    bool lost = !answer && answer.error().code == base::Code::controlFailed;
    if (!lost || (sent && method != "GET")) break;
    ::poll(nullptr, 0, 10);
  }
  if (!answer) return std::unexpected(answer.error());
  std::size_t end = answer->find("\r\n\r\n");
  if (end == std::string::npos) return no_answer("its answer was cut off");
  std::string content = answer->substr(end + 4);
  if (!answer->starts_with("HTTP/1.1 200")) return std::unexpected(error_from_json(content));
  return content;
}

base::Result<release::Status> LocalClient::status() {
  auto answer = ask("GET", "/v1/status", "", kQuick);
  if (!answer && answer.error().code == base::Code::notRunning) return release::Status{};
  if (!answer) return std::unexpected(answer.error());
  return release::status_from_json(nlohmann::json::parse(*answer, nullptr, false));
}

base::Result<void> LocalClient::watch(const std::function<bool(const release::Status&)>& seen,
                                      const std::function<bool()>& idle) {
  constexpr int kRounds = 4, kRound = 50;  // of milliseconds, between two looks
  for (std::string last;;) {
    auto now = status();
    if (!now) return std::unexpected(now.error());
    std::string text = release::to_json(*now).dump();
    if (text != last && !seen(*now)) return {};
    last = std::move(text);
    for (int round = 0; round < kRounds; ++round) {
      if (!idle()) return {};
      ::poll(nullptr, 0, kRound);
    }
  }
}

base::Result<void> LocalClient::logs(const release::LogQuery& query,
                                     const std::function<bool(const release::LogLine&)>& line) {
  auto chosen = choose_run(root_, run_);
  // The logs of a run that is over are there until the next one begins.
  RunPaths paths = chosen ? *chosen : run_paths(root_);
  if (!chosen && chosen.error().code != base::Code::notRunning) return std::unexpected(chosen.error());
  bool running = chosen.has_value();
  LogSource source{paths.logs(), [&] { return !running || !read_state(paths); }};
  return read_logs(source, query, std::chrono::system_clock::now(), line);
}

base::Result<void> LocalClient::scale(const std::map<std::string, int>& replicas) {
  auto answer = ask("POST", "/v1/scale", Json(replicas).dump(), kQuick);
  if (!answer) return std::unexpected(answer.error());
  return {};
}

base::Result<void> LocalClient::restart(const std::vector<std::string>& services) {
  auto answer = ask("POST", "/v1/restart", Json{{"services", services}}.dump(), kQuick);
  if (!answer) return std::unexpected(answer.error());
  return {};
}

base::Result<void> LocalClient::stop(const std::vector<std::string>& services) {
  auto run = state();
  if (!run && run.error().code == base::Code::notRunning)
    return services.empty() ? clean_up_after_killed(root_) : base::Result<void>{};
  if (!run) return std::unexpected(run.error());
  auto answer = ask("POST", "/v1/stop", Json{{"services", services}}.dump(), kNever);
  if (!services.empty() && !answer) return std::unexpected(answer.error());
  // The whole run: the answer comes before the end, which is what was asked for.
  if (services.empty()) wait_for_end(run->pid);
  bool over = !answer && (answer.error().code == base::Code::controlFailed ||
                          answer.error().code == base::Code::notRunning);
  if (!answer && !over) return std::unexpected(answer.error());
  return services.empty() ? clean_up_after_killed(root_) : base::Result<void>{};
}

base::Result<void> LocalClient::wait(const std::vector<std::string>& services, release::WaitFor what,
                                     base::Duration timeout) {
  Json body{{"services", services}, {"for", what == release::WaitFor::ready ? "ready" : "stopped"}};
  auto answer = ask("POST", "/v1/wait", body.dump(), timeout);
  if (answer) return {};
  // A run that ends while its end is waited for cannot answer any more.
  base::Code code = answer.error().code;
  if (what == release::WaitFor::stopped &&
      (code == base::Code::notRunning || code == base::Code::controlFailed))
    return {};
  return std::unexpected(answer.error());
}

}  // namespace msctl::local
