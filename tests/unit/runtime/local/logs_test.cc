#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "runtime/local/logs/lines.h"
#include "runtime/local/logs/outlet.h"
#include "runtime/local/logs/reader.h"
#include "runtime/local/logs/store.h"
#include "tests/catch.h"

using namespace msctl;
using namespace msctl::local;
namespace fs = std::filesystem;

namespace {

struct Folder {
  std::string path;
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "msctl-logs-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~Folder() { fs::remove_all(path); }
};

std::vector<std::string> split(std::initializer_list<std::string_view> parts) {
  LineSplitter splitter;
  std::vector<std::string> lines;
  auto keep = [&](std::string_view line) { lines.emplace_back(line); };
  for (std::string_view part : parts) splitter.feed(part, keep);
  splitter.finish(keep);
  return lines;
}

std::string at(int second) {
  return "2026-01-31T12:00:" + std::string(second < 10 ? "0" : "") + std::to_string(second) + ".000Z";
}

std::vector<std::string> read(const std::string& folder, release::LogQuery query = {}) {
  std::vector<std::string> out;
  auto done = read_logs({folder, {}}, query, base::WallTime{}, [&](const release::LogLine& line) {
    out.push_back(line.service + "/" + line.stream + "/" + line.text);
    return true;
  });
  REQUIRE(done);
  return out;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("lines are put together from parts, with either line end") {
  CHECK(split({"a\nb", "c\r\n", "\nd"}) == Lines{"a", "bc", "", "d"});
  CHECK(split({}) == Lines{});
}

TEST_CASE("a line without an end is cut, wherever the parts end") {
  std::string long_one(LineSplitter::kLongestLine * 2 + 10, 'x');
  for (std::size_t first : {std::size_t{1}, std::size_t{1000}, LineSplitter::kLongestLine}) {
    auto lines =
        split({std::string_view(long_one).substr(0, first), std::string_view(long_one).substr(first)});
    std::size_t total = 0;
    for (const std::string& line : lines) {
      CHECK(line.size() <= LineSplitter::kLongestLine);
      total += line.size();
    }
    CHECK(total == long_one.size());
  }
}

TEST_CASE("records come back in the order of time over services, with what was asked for") {
  Folder folder;
  LogStore store(folder.path);
  store.add("b", {at(2), "b-1", "two", 0, 'o'});
  store.add("a", {at(1), "a-1", "one", 0, 'e'});
  store.add("a", {at(3), "a-1", "three ö \x01\xff", 1, 'o'});
  store.add("a", {at(4), "a-1", "started", 2, 's'});
  store.flush();
  CHECK(read(folder.path) == Lines{"a/stderr/one", "b/stdout/two", "a/stdout/three ö \x01\xff"});
  CHECK(read(folder.path, {.services = {"b"}}) == Lines{"b/stdout/two"});
  CHECK(read(folder.path, {.grep = "^t(wo|hree)"}).size() == 2);
  CHECK(read(folder.path, {.services = {"a"}, .previous = true}) == Lines{"a/stdout/three ö \x01\xff"});
  auto wrong =
      read_logs({folder.path, {}}, {.grep = "("}, base::WallTime{}, [](const auto&) { return true; });
  CHECK(wrong.error().code == base::Code::usage);
}

TEST_CASE("files turn over within their limit, and both are read") {
  Folder folder;
  LogStore store(folder.path, 1000);
  for (int i = 0; i < 100; ++i) {
    store.add("a", {at(i % 60), "a-1", "line " + std::to_string(i), 0, 'o'});
    store.flush();
  }
  CHECK(fs::file_size(folder.path + "/a.log") < 1100);
  CHECK(fs::file_size(folder.path + "/a.log.1") < 1100);
  auto lines = read(folder.path);
  CHECK(lines.size() > 20);
  CHECK(lines.back() == "a/stdout/line 99");
}

TEST_CASE("a broken record is skipped, what the disk refuses is counted") {
  Folder folder;
  LogStore store(folder.path);
  store.add("a", {at(1), "a-1", "whole", 0, 'o'});
  store.flush();
  std::ofstream(folder.path + "/a.log", std::ios::app) << "2026-01-31T12:00:0";
  CHECK(read(folder.path) == Lines{"a/stdout/whole"});
  fs::create_symlink("/dev/full", folder.path + "/b.log");
  store.add("b", {at(1), "b-1", "one", 0, 'o'});
  store.add("b", {at(1), "b-1", "two", 0, 'o'});
  store.flush();
  CHECK(store.dropped("b") == 2);
  CHECK(store.dropped("a") == 0);
}

TEST_CASE("an outlet whose reader is gone tells so, and goes on swallowing") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  ::close(ends[0]);
  ::signal(SIGPIPE, SIG_IGN);
  std::atomic<int> broken = 0;
  {
    Outlet outlet(ends[1], [] {}, [&] { ++broken; }, [](std::size_t) { return std::string(); });
    for (int i = 0; i < 100; ++i) outlet.write("text\n");
  }
  CHECK(broken == 1);
  ::close(ends[1]);
}

TEST_CASE("an outlet that was let go calls nobody, and still writes") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  ::close(ends[0]);
  ::signal(SIGPIPE, SIG_IGN);
  auto called = std::make_unique<std::atomic<int>>(0);
  {
    Outlet outlet(ends[1], [&] { ++*called; }, [&] { ++*called; }, [](std::size_t) { return std::string(); });
    outlet.let_go();
    const int before = *called;
    called.reset();
    outlet.write("text\n");
    CHECK(before == 0);
  }
  ::close(ends[1]);
}

TEST_CASE("an outlet writes everything in order") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  std::string expected, got;
  {
    std::thread reader([&] {
      char buffer[4096];
      for (ssize_t n = 0; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;)
        got.append(buffer, static_cast<std::size_t>(n));
    });
    {
      Outlet outlet(ends[1], [] {}, [] {}, [](std::size_t) { return std::string(); });
      for (int i = 0; i < 20000; ++i) {
        std::string line = "line " + std::to_string(i) + "\n";
        expected += line;
        outlet.write(line);
      }
    }
    ::close(ends[1]);
    reader.join();
  }
  CHECK(got == expected);
  ::close(ends[0]);
}

TEST_CASE("what an outlet was given is out when it is drained") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
  Outlet outlet(ends[1], [] {}, [] {}, [](std::size_t) { return std::string(); });
  for (int i = 0; i < 50; ++i) {
    outlet.write("why it failed\n");
    outlet.drain();
    char buffer[64];
    CHECK(::read(ends[0], buffer, sizeof buffer) == 14);
  }
  ::close(ends[0]);
  outlet.drain();  // nothing waits: it comes back
  ::close(ends[1]);
}
