#include "clients/retry.h"

#include "tests/catch.h"

using namespace app::clients;
using namespace std::chrono_literals;
using app::http::Attempt;

namespace {

Attempt failed(Attempt::Failure failure) { return {failure, {}}; }
Attempt answered(int status, app::http::Headers headers = {}) {
  return {Attempt::Failure::none, {status, std::move(headers), {}}};
}
auto pause(const std::string& method, int attempt, const Attempt& last, double random = 0.5) {
  return pause_before_retry({}, method, attempt, last, random, 5000ms);
}

}  // namespace

TEST_CASE("failures that pass are tried again, twice") {
  for (const Attempt& last : {failed(Attempt::Failure::connect), failed(Attempt::Failure::broken),
                              answered(502), answered(503), answered(504)}) {
    CHECK(pause("GET", 0, last));
    CHECK(pause("GET", 1, last));
    CHECK_FALSE(pause("GET", 2, last));
  }
}

TEST_CASE("others are not: a slow need gets slower when it is asked twice") {
  for (const Attempt& last : {failed(Attempt::Failure::timed_out), failed(Attempt::Failure::too_large),
                              answered(200), answered(404), answered(500)})
    CHECK_FALSE(pause("GET", 0, last));
}

TEST_CASE("what may have had an effect is not done twice") {
  CHECK_FALSE(pause("POST", 0, failed(Attempt::Failure::broken)));
  CHECK_FALSE(pause("PATCH", 0, answered(503)));
  CHECK(pause("PUT", 0, answered(503)));
}

TEST_CASE("the pause grows, with jitter") {
  CHECK(pause("GET", 0, answered(503), 0.5) == 25ms);
  CHECK(pause("GET", 1, answered(503), 0.5) == 50ms);
  CHECK(pause("GET", 1, answered(503), 0.0) == 0ms);
}

TEST_CASE("Retry-After is honoured, within bounds") {
  CHECK(pause("GET", 0, answered(503, {{"Retry-After", "1"}})) == 1000ms);
  CHECK_FALSE(pause("GET", 0, answered(503, {{"Retry-After", "60"}})));
  CHECK(pause("GET", 0, answered(503, {{"Retry-After", "soon"}})) == 25ms);
  CHECK_FALSE(pause_before_retry({}, "GET", 0, answered(503, {{"Retry-After", "1"}}), 0.5, 900ms));
}
