// The guard's loop: requests from msctl on one side, SIGCHLD on the other, and what the threads that start
// processes have to tell, all through poll. A replica is a
// session of its own, led by the process that was started. It has ended when the leader is reaped and nothing
// of it is left: its group is empty, and no orphan carries its marks (SERVICE_NAME and PORT in the
// environment, which together name one replica of one run; a process that wipes them is still found at the
// end of the run, as a descendant).
#include "runtime/local/guard/guard.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <map>
#include <thread>

#include "runtime/local/guard/journal.h"
#include "runtime/local/guard/proc.h"
#include "runtime/local/guard/protocol.h"
#include "runtime/local/guard/socket.h"
#include "runtime/local/guard/spawner.h"
#include "runtime/system/processes.h"
#include "runtime/system/spawn.h"

namespace msctl::local::guard {
namespace {

using Clock = std::chrono::steady_clock;
using Marks = std::vector<std::string>;

constexpr int kSweepAfterMs = 100;
constexpr int kAtOnce = 8;  // packets

struct Child {
  std::uint64_t id = 0;
  pid_t leader = 0;
  bool reaped = false;        // the leader
  bool asked_to_end = false;  // by a signal of ours: what is left of the group may still be finishing
  int status = 0;
  Marks marks;
  std::vector<std::string> cleanup;
};

class Guard {
public:
  Guard(int socket, int signals, int journal, const GuardOptions& options)
      : socket_(socket), signals_(signals), journal_(journal), options_(options) {}

  void run() {
    while (!orphaned_ && !shut_down_) step();
    finish_starts();
    flush();
    write_journal();
    end_everything();
    for (const std::string& path : options_.remove) ::unlink(path.c_str());
  }

private:
  void step() {
    std::array<pollfd, 3> watched{pollfd{orphaned_ ? -1 : socket_, POLLIN, 0}, pollfd{signals_, POLLIN, 0},
                                  pollfd{spawner_.descriptor(), POLLIN, 0}};
    int patience = !facts_.empty() ? 0 : to_sweep_.empty() ? -1 : kSweepAfterMs;
    int n = ::poll(watched.data(), watched.size(), patience);
    if (n == 0 && !facts_.empty())
      write_journal();
    else if (n == 0)
      sweep();
    if (n <= 0) return;
    if (watched[2].revents != 0) take_started();
    if (watched[1].revents != 0) reap();
    if (watched[0].revents != 0) receive_some();
    flush();
  }

  // What has come, but children that end are looked at in between.
  void receive_some() {
    for (int i = 0; i < kAtOnce && !shut_down_; ++i) {
      auto received = receive(socket_, false);
      if (!received) {
        orphaned_ = errno != EAGAIN;
        return;
      }
      for (Parcel& parcel : *received) obey(parcel.message, parcel.descriptors);
    }
  }

  void obey(const Message& message, std::vector<base::Fd>& descriptors) {
    switch (message.kind) {
      case Kind::spawn:
        return spawn(message, descriptors);
      case Kind::signal:
        return signal(message.id, static_cast<int>(message.value));
      case Kind::kill:
        return kill(message.id);
      case Kind::shutdown:
        shut_down_ = true;
        return;
      default:
        return;
    }
  }

  void spawn(const Message& message, std::vector<base::Fd>& descriptors) {
    auto request = spawn_request(message);
    if (!request || descriptors.size() != 2) return tell({Kind::refused, message.id, EINVAL, {}});
    under_way_[request->id] = 0;
    spawner_.spawn({std::move(*request), std::move(descriptors[0]), std::move(descriptors[1])});
  }

  void take_started() {
    for (SpawnResult& result : spawner_.take_results()) {
      int asked = under_way_.extract(result.request.id).mapped();
      started(std::move(result.request), result.pid, asked);
    }
    if (under_way_.empty()) early_ends_.clear();
    settle();
  }

  // `asked`: the signal that was asked for meanwhile, 0 for none.
  void started(SpawnRequest request, std::expected<pid_t, int> pid, int asked) {
    if (!pid) return tell({Kind::refused, request.id, pid.error(), {}});
    Child& child = children_[*pid];
    child = {request.id, *pid, false, false, 0, std::move(request.marks), std::move(request.cleanup)};
    tell({Kind::spawned, child.id, *pid, {}});
    facts_.push_back({*pid, child.marks});
    if (auto early = early_ends_.extract(*pid))
      reaped(child, early.mapped());
    else if (asked == SIGKILL)
      kill(child.id);
    else if (asked != 0)
      signal(child.id, asked);
  }

  system::Spawn plan(const SpawnRequest& request) const {
    system::Spawn out;
    out.argv = request.argv;
    out.folder = request.folder;
    out.environment = environment(request.environment);
    return out;
  }

  // Entries of the request over those that msctl was started with.
  std::vector<std::string> environment(const std::vector<std::string>& over) const {
    auto name = [](const std::string& entry) { return std::string_view(entry).substr(0, entry.find('=')); };
    std::vector<std::string> out = over;
    for (const std::string& entry : inherited_)
      if (std::ranges::none_of(over, [&](const std::string& each) { return name(each) == name(entry); }))
        out.push_back(entry);
    return out;
  }

  Child* find(std::uint64_t id) {
    for (auto& [pid, child] : children_)
      if (child.id == id) return &child;
    return nullptr;
  }

  void signal(std::uint64_t id, int number) {
    Child* child = find(id);
    if (child == nullptr) return ask_later(id, number);
    child->asked_to_end = true;
    ::kill(-child->leader, number);
  }

  void kill(std::uint64_t id) {
    Child* child = find(id);
    if (child == nullptr) return ask_later(id, SIGKILL);
    child->asked_to_end = false;
    ::kill(-child->leader, SIGKILL);
    kill_marked(child->marks);
    settle();
  }

  void ask_later(std::uint64_t id, int number) {
    auto found = under_way_.find(id);
    if (found != under_way_.end() && found->second != SIGKILL) found->second = number;
  }

  void kill_marked(const Marks& marks) const {
    pid_t self = ::getpid();
    for (const ProcessInfo& process : all_processes()) {
      if (process.parent != self || process.state == 'Z' || children_.contains(process.pid)) continue;
      if (has_marks(process.pid, marks)) ::kill(process.pid, SIGKILL);
    }
  }

  void reap() {
    signalfd_siginfo info{};
    while (::read(signals_, &info, sizeof info) == sizeof info) {
    }
    int status = 0;
    for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
      auto found = children_.find(pid);
      if (found != children_.end()) reaped(found->second, status);
      // An orphan, adopted; or one whose start the spawner has not told yet.
      else if (!under_way_.empty())
        early_ends_[pid] = status;
    }
    settle();
  }

  static void reaped(Child& child, int status) {
    child.reaped = true;
    child.status = status;
    // A crash takes the rest with it, as the end of a container's first process would.
    if (!child.asked_to_end) ::kill(-child.leader, SIGKILL);
  }

  // Tells the end of those of whom nothing is left.
  void settle() {
    for (auto each = children_.begin(); each != children_.end();) {
      Child& child = each->second;
      if (!child.reaped || (::kill(-child.leader, 0) == 0)) {
        ++each;
        continue;
      }
      Child ended = std::move(child);
      each = children_.erase(each);
      to_sweep_.push_back(std::move(ended.marks));
      if (!ended.cleanup.empty()) clean_up(ended.cleanup);
      tell({Kind::ended, ended.id, ended.status, {}});
      facts_.push_back({ended.leader, std::nullopt});
    }
  }

  // When nobody waits for a start or an end: a write to the disk may take long.
  void write_journal() {
    std::string lines;
    for (const Fact& fact : facts_)
      lines += fact.started ? journal_started(fact.leader, *fact.started) : journal_ended(fact.leader);
    append_to_journal(journal_, lines);
    facts_.clear();
  }

  // Looking through all of /proc costs milliseconds, so that those who escaped are looked for once for all
  // that ended lately, and nobody waits for it: every start has a port of its own, on which nothing of an
  // older one can stand in the way.
  void sweep() {
    if (has_children())
      for (const Marks& marks : to_sweep_) kill_marked(marks);
    to_sweep_.clear();
  }

  // Any child at all, adopted ones included, without reaping it.
  static bool has_children() {
    siginfo_t info{};
    return ::waitid(P_ALL, 0, &info, WEXITED | WSTOPPED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD;
  }

  void clean_up(const std::vector<std::string>& argv) const {
    system::Spawn plan;
    plan.argv = argv;
    plan.environment = inherited_;
    // Waited for, up to a limit: containers belong to a daemon, which must be told before this process ends.
    auto pid = system::spawn(plan);
    for (int round = 0; pid && round < 100; ++round) {
      if (::waitpid(*pid, nullptr, WNOHANG) != 0) return;
      ::poll(nullptr, 0, 20);
    }
  }

  void tell(const Message& message) { outbox_.add(message); }

  // At the end of a step: what happened in it is told at once.
  void flush() {
    if (!orphaned_ && !outbox_.send(socket_)) orphaned_ = true;
    if (orphaned_) outbox_ = {};
  }

  void finish_starts() {
    while (!under_way_.empty()) {
      pollfd watched{spawner_.descriptor(), POLLIN, 0};
      ::poll(&watched, 1, -1);
      take_started();
    }
  }

  void end_everything() {
    for (auto& [pid, child] : children_) {
      child.asked_to_end = true;
      ::kill(-pid, SIGTERM);
    }
    auto deadline = Clock::now() + options_.grace;
    while (!children_.empty() && Clock::now() < deadline) {
      auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
      reap();
      if (!children_.empty()) wait_for_child(static_cast<int>(std::max<long long>(left, 0)));
    }
    for (int round = 0; round < 400 && has_children(); ++round) {
      reap();
      std::vector<pid_t> left = descendants(::getpid());
      if (left.empty()) break;
      for (pid_t pid : left) ::kill(pid, SIGKILL);
      wait_for_child(5);
    }
  }

  void wait_for_child(int timeout_ms) const {
    pollfd watched{signals_, POLLIN, 0};
    ::poll(&watched, 1, timeout_ms);
  }

  int socket_;
  int signals_;
  int journal_;
  const GuardOptions& options_;
  std::vector<std::string> inherited_ = system::child_environment({});
  std::map<pid_t, Child> children_;
  std::map<std::uint64_t, int> under_way_;  // starts, and the signal asked for meanwhile
  std::map<pid_t, int> early_ends_;         // of processes that the spawner has not told yet
  struct Fact {
    pid_t leader = 0;
    std::optional<Marks> started;  // absent: ended
  };
  Outbox outbox_;                // for msctl
  std::vector<Fact> facts_;      // not yet in the journal
  std::vector<Marks> to_sweep_;  // of those that ended lately
  bool orphaned_ = false;        // msctl is gone
  bool shut_down_ = false;       // msctl is done
  Spawner spawner_{
      [this](const SpawnRequest& request) { return plan(request); },
      std::clamp(std::thread::hardware_concurrency(), 1u, 4u)};  // the last: its threads read the others
};

// Everything that msctl had open is closed, but what the guard uses: a pipe held open here would keep its
// reader waiting.
void keep_only(std::initializer_list<int> wanted) {
  std::vector<int> sorted(wanted);
  std::erase_if(sorted, [](int fd) { return fd < 3; });
  std::ranges::sort(sorted);
  unsigned from = 3;
  for (int fd : sorted) {
    auto here = static_cast<unsigned>(fd);
    if (here > from) ::close_range(from, here - 1, 0);
    from = here + 1;
  }
  ::close_range(from, ~0U, 0);
  int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int standard : {0, 1, 2}) ::dup2(null, standard);
  if (null > 2) ::close(null);
}

[[noreturn]] void guard_process(int socket, const GuardOptions& options) {
  ::setsid();  // the terminal's Ctrl-C is msctl's to handle
  ::prctl(PR_SET_NAME, "msctl-guard");
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  for (int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) ::signal(number, SIG_IGN);
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  ::sigprocmask(SIG_SETMASK, &child, nullptr);
  int journal = ::open(options.journal.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  keep_only({socket, journal, options.lock});
  int signals = ::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
  Guard(socket, signals, journal, options).run();
  ::_exit(0);
}

}  // namespace

base::Result<Started> start(const GuardOptions& options) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return base::fail(base::Code::internal,
                      fmt::format("cannot make a socket pair: {}", std::strerror(errno)));
  base::Fd mine(ends[0]), guards(ends[1]);
  pid_t pid = ::fork();
  if (pid < 0) return base::fail(base::Code::internal, fmt::format("cannot fork: {}", std::strerror(errno)));
  if (pid == 0) guard_process(guards.get(), options);
  return Started{std::move(mine), pid};
}

}  // namespace msctl::local::guard
