// When a share has passed, and when it is given up.
#include "runtime/kubernetes/canary/course.h"

#include "tests/catch.h"

using namespace msctl;
using namespace msctl::kubernetes::canary;
using namespace std::chrono_literals;

namespace {

const std::vector<Subject> one{{"orders", "orders-canary", {"orders"}}};

// A version that served so many requests in all.
analysis::Counts counts(std::uint64_t requests, std::uint64_t errors) {
  return {requests,
          errors,
          {{0.01, 0.025, 0.05, 0.1, 0.25},
           {requests / 4, requests / 2, requests * 9 / 10, requests * 199 / 200, requests, requests}}};
}

struct Played {
  Course course;
  int round = 0;
  explicit Played(Request request, const std::vector<Subject>& subjects = one)
      : course(subjects, std::move(request), 1) {}

  // `each`: requests of either version between two rounds; `errors`: those of the new one.
  Course::State play(std::uint64_t each, std::uint64_t errors) {
    auto state = Course::State::open;
    for (; state == Course::State::open && round < 1000; ++round) {
      const auto n = static_cast<std::uint64_t>(round);
      std::map<std::string, std::vector<analysis::Reading>> all;
      all["orders"] = {{"gateway-1", round * 5s, {counts(n * each, 0), counts(n * each, n * errors)}}};
      REQUIRE(course.add(all));
      if (round > 0) state = course.look();
    }
    return state;
  }
};

}  // namespace

TEST_CASE("twelve looks an interval, but each between one and five seconds") {
  CHECK(look_every(1min) == 5s);
  CHECK(looks_in(1min) == 12);
  CHECK(look_every(10s) == 1s);
  CHECK(looks_in(10s) == 10);
  CHECK(look_every(10min) == 5s);
  CHECK(looks_in(10min) == 120);
  CHECK(warm_up(10s) == 2500ms);
  CHECK(warm_up(5min) == 15s);
}

TEST_CASE("an equal version passes at the end of an interval, not before") {
  Played played({{50}, 1min, 5});
  CHECK(played.play(500, 0) == Course::State::passed);
  CHECK(played.course.looks() == 12);
  CHECK(played.course.judgements().at("orders").verdict == analysis::Verdict::better_or_equal);
}

TEST_CASE("a bad version is worse as soon as it is certain") {
  Played played({{50}, 1min, 5});
  CHECK(played.play(500, 100) == Course::State::worse);
  CHECK(played.course.looks() < 12);
  CHECK(played.course.services_that_are(analysis::Verdict::worse) == std::vector<std::string>{"orders"});
}

TEST_CASE("what cannot be told is undecided after five intervals more") {
  Played played({{50}, 1min, 5});
  CHECK(played.play(2, 0) == Course::State::undecided);
  CHECK(played.course.looks() == 6 * 12);
  CHECK(played.course.services_that_are(analysis::Verdict::undecided) == std::vector<std::string>{"orders"});
  CHECK(played.course.judgements().at("orders").more_requests);
}

TEST_CASE("no traffic is no consent") {
  Played played({{50}, 1min, 0});
  CHECK(played.play(0, 0) == Course::State::undecided);
  CHECK(played.course.judgements().at("orders").reason == analysis::Reason::no_traffic);
}

TEST_CASE("where more requests would not tell, nobody waits for them") {
  Course course(one, {{50}, 1min, 5}, 1);
  auto state = Course::State::open;
  for (std::uint64_t n = 0; state == Course::State::open && n < 1000; ++n) {
    // All of them in one bucket.
    const analysis::Counts uniform{n * 500, 0, {{0.01, 0.025, 0.05}, {0, n * 500, n * 500, n * 500}}};
    std::map<std::string, std::vector<analysis::Reading>> all;
    all["orders"] = {{"gateway-1", static_cast<int>(n) * 5s, {uniform, uniform}}};
    REQUIRE(course.add(all));
    if (n > 0) state = course.look();
  }
  CHECK(state == Course::State::undecided);
  CHECK(course.looks() == 12);
  CHECK(course.judgements().at("orders").reason == analysis::Reason::coarse);
}

TEST_CASE("all services have to pass, each at the end of some interval") {
  const std::vector<Subject> two{{"orders", "orders-canary", {"orders"}},
                                 {"users", "users-canary", {"users"}}};
  Course course(two, {{50}, 1min, 5}, 1);
  auto state = Course::State::open;
  std::uint64_t users = 0;
  for (int round = 0; round <= 24; ++round) {
    const auto n = static_cast<std::uint64_t>(round);
    // Users have no traffic to speak of in the first interval.
    users += round > 12 ? 500 : 0;
    std::map<std::string, std::vector<analysis::Reading>> all;
    all["orders"] = {{"gateway-1", round * 5s, {counts(n * 500, 0), counts(n * 500, 0)}}};
    all["users"] = {{"gateway-1", round * 5s, {counts(users, 0), counts(users, 0)}}};
    REQUIRE(course.add(all));
    if (round > 0) state = course.look();
    if (round == 12) {
      CHECK(state == Course::State::open);
      CHECK(course.services_that_are(analysis::Verdict::undecided) == std::vector<std::string>{"users"});
    }
  }
  CHECK(state == Course::State::passed);
}
