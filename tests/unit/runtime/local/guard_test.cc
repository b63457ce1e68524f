// The guard as it is: a real process, with real children.
#include "runtime/local/guard/guard.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <deque>
#include <filesystem>
#include <fstream>
#include <thread>

#include "runtime/local/control/http.h"
#include "runtime/local/guard/journal.h"
#include "runtime/local/guard/proc.h"
#include "runtime/local/guard/socket.h"
#include "tests/catch.h"

using namespace msctl;
using namespace msctl::local;
using namespace msctl::local::guard;
namespace fs = std::filesystem;

namespace {

struct Folder {
  std::string path;
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "msctl-guard-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~Folder() { fs::remove_all(path); }
};

bool is_alive(pid_t pid) {
  auto info = process_info(pid);
  return info && info->state != 'Z';
}

// Waiting for another process to act, at most ten seconds.
template <class What>
bool comes_true(What what) {
  for (int i = 0; i < 1000 && !what(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds{10});
  return what();
}

struct Bench {
  Folder folder;
  Started guard;
  std::deque<Message> told;

  Bench() {
    GuardOptions options;
    options.journal = folder.path + "/journal";
    options.remove = {folder.path + "/state"};
    options.grace = std::chrono::milliseconds{200};
    std::ofstream(folder.path + "/state") << "x";
    guard = std::move(start(options).value());
  }
  ~Bench() {
    guard.socket.reset();
    ::waitpid(guard.pid, nullptr, 0);
  }
  Message spawn(std::uint64_t id, const std::string& script) {
    SpawnRequest request;
    request.id = id;
    request.folder = folder.path;
    request.argv = {"sh", "-c", script};
    request.environment = {"MARK_A=1", "MARK_B=" + std::to_string(id)};
    request.marks = request.environment;
    ask(request);
    return next();
  }
  void ask(const SpawnRequest& request) {
    std::vector<base::Fd> descriptors;
    for (int i = 0; i < 2; ++i) descriptors.emplace_back(::open("/dev/null", O_RDWR | O_CLOEXEC));
    Outbox outbox;
    outbox.add(to_message(request), std::move(descriptors));
    REQUIRE(outbox.send(guard.socket.get()));
  }
  Message next() {
    while (told.empty()) {
      auto received = receive(guard.socket.get());
      REQUIRE(received);
      for (Parcel& parcel : *received) told.push_back(std::move(parcel.message));
    }
    Message first = std::move(told.front());
    told.pop_front();
    return first;
  }
  pid_t pid_in(const std::string& file) {
    pid_t pid = 0;
    comes_true([&] { return static_cast<bool>(std::ifstream(folder.path + "/" + file) >> pid); });
    return pid;
  }
};

}  // namespace

TEST_CASE("messages survive the way there and back, and cut ones are refused") {
  SpawnRequest request{7, "/f", {"a", ""}, {"X=1"}, {}, {"M=1", "N=2"}};
  std::string bytes = encode(to_message(request));
  std::string_view rest = bytes;
  auto back = spawn_request(*decode(rest));
  REQUIRE(back);
  CHECK(back->argv == request.argv);
  CHECK(back->cleanup.empty());
  CHECK(back->marks == request.marks);
  CHECK(rest.empty());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    std::string_view part = std::string_view(bytes).substr(0, size);
    auto cut = decode(part);
    CHECK((!cut || !spawn_request(*cut)));
  }
}

TEST_CASE("messages share packets, each with its own descriptors") {
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
  base::Fd mine(ends[0]), theirs(ends[1]);
  Outbox outbox;
  constexpr std::size_t kCount = 100;  // more descriptors and bytes than a packet takes
  std::vector<ino_t> inodes;
  for (std::size_t i = 0; i < kCount; ++i) {
    std::vector<base::Fd> descriptors;
    if (i % 3 != 0) {
      descriptors.emplace_back(::memfd_create("each", MFD_CLOEXEC));
      struct stat info{};
      REQUIRE(::fstat(descriptors[0].get(), &info) == 0);
      inodes.push_back(info.st_ino);
    }
    outbox.add({Kind::signal, i, static_cast<std::int64_t>(i * 2), {std::string(i * 20, 'x')}},
               std::move(descriptors));
  }
  REQUIRE(outbox.send(mine.get()));
  CHECK(outbox.empty());

  std::size_t packets = 0, seen = 0, with = 0;
  for (; seen < kCount; ++packets) {
    auto parcels = receive(theirs.get(), false);
    REQUIRE(parcels);
    for (const Parcel& parcel : *parcels) {
      CHECK(parcel.message.id == seen);
      CHECK(parcel.message.value == static_cast<std::int64_t>(seen * 2));
      CHECK(parcel.message.texts.at(0).size() == seen * 20);
      REQUIRE(parcel.descriptors.size() == (seen % 3 != 0 ? 1 : 0));
      ++seen;
      if (parcel.descriptors.empty()) continue;
      struct stat info{};
      REQUIRE(::fstat(parcel.descriptors[0].get(), &info) == 0);
      CHECK(info.st_ino == inodes.at(with++));
    }
  }
  CHECK(packets < kCount / 10);
  CHECK_FALSE(receive(theirs.get(), false));
  CHECK(errno == EAGAIN);
  mine.reset();
  CHECK_FALSE(receive(theirs.get(), false));
  CHECK(errno == ENOTCONN);
}

TEST_CASE("the guard starts, tells the end, and says what it cannot start") {
  Bench bench;
  Message spawned = bench.spawn(1, "exit 3");
  CHECK(spawned.kind == Kind::spawned);
  Message ended = bench.next();
  CHECK(ended.kind == Kind::ended);
  CHECK(WEXITSTATUS(static_cast<int>(ended.value)) == 3);
  SpawnRequest missing{2, "", {"/no/such/program"}, {}, {}, {}};
  bench.ask(missing);
  Message refused = bench.next();
  CHECK(refused.kind == Kind::refused);
  CHECK(refused.value == ENOENT);
}

TEST_CASE("a crash takes the rest of its group with it, and those who left it by their marks") {
  Bench bench;
  Message spawned =
      bench.spawn(1, "sleep 100 & echo $! > child; setsid sh -c 'echo $$ > escaped; sleep 100' & sleep 100");
  pid_t child = bench.pid_in("child"), escaped = bench.pid_in("escaped");
  ::kill(static_cast<pid_t>(spawned.value), SIGKILL);
  CHECK(bench.next().kind == Kind::ended);
  CHECK_FALSE(is_alive(child));
  CHECK(comes_true([&] { return !is_alive(escaped); }));
}

TEST_CASE("when msctl is gone, everything goes, and the state with it") {
  Bench bench;
  bench.spawn(1,
              "trap '' TERM; (setsid sh -c 'trap \"\" TERM; echo $$ > escaped; while :; do sleep 1; done' &) "
              "; while :; do sleep 1; done");
  pid_t escaped = bench.pid_in("escaped");
  CHECK(is_alive(escaped));
  bench.guard.socket.reset();
  REQUIRE(::waitpid(bench.guard.pid, nullptr, 0) == bench.guard.pid);
  CHECK_FALSE(is_alive(escaped));
  CHECK_FALSE(fs::exists(bench.folder.path + "/state"));
}

TEST_CASE("what msctl and guard left when both were killed is found by the journal") {
  Bench bench;
  Message spawned = bench.spawn(1, "(setsid sh -c 'echo $$ > escaped; exec sleep 100' &) ; exec sleep 100");
  pid_t escaped = bench.pid_in("escaped");
  ::kill(bench.guard.pid, SIGKILL);
  REQUIRE(::waitpid(bench.guard.pid, nullptr, 0) == bench.guard.pid);
  CHECK(is_alive(static_cast<pid_t>(spawned.value)));
  CHECK(kill_journalled(bench.folder.path + "/journal") == 2);
  CHECK_FALSE(is_alive(static_cast<pid_t>(spawned.value)));
  CHECK_FALSE(is_alive(escaped));
}

TEST_CASE("a journal does not kill a process that only has the same number") {
  Folder folder;
  std::ofstream(folder.path + "/journal") << "+ " << ::getppid() << " 1 MARK=none\ngarbage\n+ 0 0\n+ 1 0\n";
  CHECK(kill_journalled(folder.path + "/journal") == 0);
}

TEST_CASE("requests over the control socket") {
  ControlRequest request;
  CHECK(parse_request("GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n", request) == Parsed::complete);
  CHECK(request.path == "/v1/status");
  CHECK(parse_request("POST /v1/stop HTTP/1.1\r\ncontent-length: 2\r\n\r\n{", request) == Parsed::incomplete);
  CHECK(parse_request("POST /v1/stop HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", request) == Parsed::complete);
  CHECK(request.body == "{}");
  CHECK(parse_request("nonsense\r\n\r\n", request) == Parsed::malformed);
  CHECK(parse_request("GET / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", request) == Parsed::malformed);
}
