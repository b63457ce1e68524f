#include "pipelines/run/schedule.h"

#include <algorithm>
#include <mutex>
#include <set>

#include "tests/catch.h"
#include "tests/fakes/clock.h"

using namespace msctl;
using pipeline::Ended;
using pipeline::Job;
using pipeline::Verdict;

namespace {

Job job(std::string id, std::vector<std::string> after = {}) {
  Job out;
  out.id = std::move(id);
  out.after = std::move(after);
  return out;
}

std::vector<const Job*> pointers(const std::vector<Job>& jobs) {
  std::vector<const Job*> out;
  for (const Job& one : jobs) out.push_back(&one);
  return out;
}

// Runs jobs of which some end otherwise, and notes the order.
struct Bench {
  fakes::FakeClock clock;
  std::map<std::string, Verdict> wrong;
  std::vector<std::string> order;

  std::vector<Ended> run(const std::vector<Job>& jobs, unsigned parallel = 1) {
    std::mutex mutex;
    return pipeline::schedule(
        pointers(jobs), parallel, clock,
        [&](const Job& one) {
          const std::lock_guard lock(mutex);
          order.push_back(one.id);
          auto found = wrong.find(one.id);
          return Ended{&one, found == wrong.end() ? Verdict::passed : found->second, {}, {}, {}, {}};
        },
        {});
  }
};

std::vector<Verdict> verdicts(const std::vector<Ended>& ended) {
  std::vector<Verdict> out;
  for (const Ended& one : ended) out.push_back(one.verdict);
  return out;
}

}  // namespace

TEST_CASE("a job runs after those that it waits for", "[pipeline]") {
  Bench bench;
  const std::vector<Job> jobs{job("c", {"b"}), job("b", {"a"}), job("a"), job("d", {"a", "c"})};
  const auto ended = bench.run(jobs);
  CHECK(bench.order == std::vector<std::string>{"a", "b", "c", "d"});
  CHECK(verdicts(ended) == std::vector(4, Verdict::passed));
  CHECK(ended[0].job->id == "c");
}

TEST_CASE("what waits for a job that failed is skipped, the rest is not", "[pipeline]") {
  Bench bench;
  bench.wrong = {{"a", Verdict::failed}};
  const std::vector<Job> jobs{job("a"), job("b", {"a"}), job("c", {"b"}), job("d")};
  const auto ended = bench.run(jobs);
  CHECK(verdicts(ended) == std::vector{Verdict::failed, Verdict::skipped, Verdict::skipped, Verdict::passed});
  CHECK(bench.order == std::vector<std::string>{"a", "d"});
}

TEST_CASE("after an interruption nothing begins", "[pipeline]") {
  Bench bench;
  bench.wrong = {{"a", Verdict::cancelled}};
  const std::vector<Job> jobs{job("a"), job("b"), job("c", {"b"})};
  CHECK(verdicts(bench.run(jobs)) == std::vector(3, Verdict::cancelled));
  CHECK(bench.order == std::vector<std::string>{"a"});
}

TEST_CASE("a job that was kept lets the next begin, as does one that is not asked for", "[pipeline]") {
  Bench bench;
  bench.wrong = {{"a", Verdict::kept}};
  const std::vector<Job> jobs{job("a"), job("b", {"a", "elsewhere"})};
  CHECK(verdicts(bench.run(jobs)) == std::vector{Verdict::kept, Verdict::passed});
}

TEST_CASE("many jobs on several threads all run once", "[pipeline]") {
  Bench bench;
  std::vector<Job> jobs;
  for (int i = 0; i < 200; ++i)
    jobs.push_back(
        job(std::to_string(i), i >= 10 ? std::vector{std::to_string(i - 10)} : std::vector<std::string>{}));
  CHECK(verdicts(bench.run(jobs, 8)) == std::vector(200, Verdict::passed));
  CHECK(bench.order.size() == 200);
  CHECK(std::set(bench.order.begin(), bench.order.end()).size() == 200);
  for (int i = 10; i < 200; ++i)
    CHECK(std::ranges::find(bench.order, std::to_string(i - 10)) <
          std::ranges::find(bench.order, std::to_string(i)));
}

TEST_CASE("no jobs are no trouble", "[pipeline]") {
  Bench bench;
  CHECK(bench.run({}).empty());
}

TEST_CASE("the critical path is what the run had to wait for", "[pipeline]") {
  const std::vector<Job> jobs{job("a"), job("b"), job("c", {"a", "b"}), job("d"), job("e", {"d"})};
  const auto at = [](int second) { return base::Instant(std::chrono::seconds(second)); };
  const std::vector<Ended> ended{{&jobs[0], Verdict::passed, at(0), at(2), {}, {}},
                                 {&jobs[1], Verdict::passed, at(0), at(5), {}, {}},
                                 {&jobs[2], Verdict::failed, at(5), at(9), {}, {}},
                                 {&jobs[3], Verdict::kept, at(0), at(0), {}, {}},
                                 {&jobs[4], Verdict::passed, at(0), at(8), {}, {}}};
  std::vector<std::string> ids;
  for (const Ended* one : pipeline::critical_path(ended)) ids.push_back(one->job->id);
  CHECK(ids == std::vector<std::string>{"b", "c"});
  CHECK(pipeline::critical_path({}).empty());
}
