#include "runtime/git/fetch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <sstream>

#include "runtime/base/fd.h"
#include "runtime/git/library.h"
#include "runtime/git/remote.h"

namespace msctl::git {
namespace {

namespace fs = std::filesystem;
using base::Code;
using Clock = std::chrono::steady_clock;

constexpr auto longest_silence = std::chrono::seconds(60);
constexpr int look_every = 50;  // milliseconds between two looks at `interrupted`

// What the child does in the folder, calling `live` while it is at it.
using Work =
    std::function<base::Result<std::string>(const std::string& folder, const std::function<void()>& live)>;

[[noreturn]] void be_the_child(const Work& work, const std::string& folder, int out) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (int signal : {SIGINT, SIGTERM}) ::signal(signal, SIG_DFL);
  const std::string answer = encode(work(folder, [out] { (void)!::write(out, &alive, 1); }));
  std::string_view rest = answer;
  while (!rest.empty()) {
    const ssize_t written = ::write(out, rest.data(), rest.size());
    if (written <= 0 && errno != EINTR) break;
    if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
  }
  ::_exit(0);
}

class Child {
public:
  explicit Child(pid_t pid) : pid_(pid) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

private:
  pid_t pid_;
};

// What the child writes until its end, without the signs of life.
base::Result<std::string> listen(int in, const std::string& url, const std::function<bool()>& interrupted) {
  std::string answer;
  auto heard = Clock::now();
  for (;;) {
    if (interrupted()) return base::fail(Code::interrupted, "interrupted; nothing was changed");
    if (Clock::now() - heard > longest_silence)
      return base::fail(
          Code::templateUnreachable,
          fmt::format("{} does not answer within {} s", without_password(url), longest_silence.count()));
    pollfd waiting{in, POLLIN, 0};
    if (::poll(&waiting, 1, look_every) <= 0) continue;
    std::array<char, 4096> buffer;
    const ssize_t got = ::read(in, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return answer;
    heard = Clock::now();
    for (ssize_t i = 0; i < got; ++i)
      if (buffer[static_cast<std::size_t>(i)] != alive) answer += buffer[static_cast<std::size_t>(i)];
  }
}

// The child's answer.
base::Result<std::string> ask(const std::string& url, const std::string& folder,
                              const std::function<bool()>& interrupted, const Work& work) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return base::fail(Code::internal, std::strerror(errno));
  base::Fd in(ends[0]);
  base::Fd written(ends[1]);
  const pid_t pid = ::fork();
  if (pid < 0) return base::fail(Code::internal, std::strerror(errno));
  if (pid == 0) be_the_child(work, folder, written.get());
  written.reset();

  Child child(pid);
  auto answer = listen(in.get(), url, interrupted);
  if (!answer) return answer;
  return decode(*answer);
}

}  // namespace

base::Result<Fetched> fetch(const std::string& url, const std::string& ref,
                            const std::function<bool()>& interrupted) {
  begin();
  auto folder = system::TemporaryFolder::make("msctl-template");
  if (!folder) return std::unexpected(std::move(folder.error()));

  auto commit =
      ask(url, folder->path(), interrupted, [&](const std::string& in, const std::function<void()>& live) {
        return fetch_here(url, ref, in, live);
      });
  if (!commit) return std::unexpected(std::move(commit.error()));
  return Fetched{std::move(*folder), std::move(*commit)};
}

base::Result<std::vector<Tag>> tags(const std::string& url, const std::function<bool()>& interrupted) {
  begin();
  auto folder = system::TemporaryFolder::make("msctl-template");
  if (!folder) return std::unexpected(std::move(folder.error()));
  auto answer =
      ask(url, folder->path(), interrupted,
          [&](const std::string& in, const std::function<void()>& live) { return tags_here(url, in, live); });
  if (!answer) return std::unexpected(std::move(answer.error()));
  constexpr std::string_view kPeeled = "^{}";
  std::vector<Tag> out;
  std::istringstream words(*answer);
  for (Tag tag; words >> tag.name >> tag.commit;) {
    // Behind the annotated tag itself.
    if (!tag.name.ends_with(kPeeled))
      out.push_back(tag);
    else if (tag.name.resize(tag.name.size() - kPeeled.size()); !out.empty() && out.back().name == tag.name)
      out.back().commit = tag.commit;
  }
  return out;
}

}  // namespace msctl::git
