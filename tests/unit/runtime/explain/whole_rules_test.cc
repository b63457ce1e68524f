// Findings about a service as a whole, their order, and what becomes of them.
#include "runtime/base/error.h"
#include "tests/catch.h"
#include "tests/unit/runtime/explain/evidence_made.h"

using namespace msctl;
using namespace msctl::explain;

TEST_CASE("a paused rollout and one whose time is over") {
  Evidence one = evidence({});
  one.paused = true;
  CHECK(only(one).code == base::Code::rolloutPaused);
  CHECK(only(one).evidence.size() == 1);
  one.paused = false;
  one.late = "ReplicaSet \"orders-1\" has timed out progressing.";
  Finding found = only(one);
  CHECK(found.code == base::Code::rolloutLate);
  CHECK(found.certain);
  // The cause says more.
  one.replicas.push_back(replica(crashed(3, 1)));
  CHECK(only(one).code == base::Code::podCrashes);
}

TEST_CASE("jobs tell their last run's words") {
  Container failed = container();
  failed.ended = Ended{1, 0, false, "Error", "", now - 9s, now - 2s};
  failed.last_words = "no such table\n";
  Container before = failed;
  before.ended->at = now - 60s;
  before.last_words = "older";
  Evidence one = evidence({replica(failed, "migrate-b"), replica(before, "migrate-a")});
  one.service = "migrate";
  one.once = Once{false, "", "", 2};
  Finding found = only(one);
  CHECK(found.code == base::Code::jobFailed);
  CHECK(found.sentence == "the job failed twice and is tried again");
  CHECK_FALSE(found.certain);
  one.once = Once{true, "BackoffLimitExceeded", "Job has reached the specified backoff limit", 3};
  found = only(one);
  CHECK(found.sentence == "the job failed: it ended badly 3 times, as often as its backoffLimit allows");
  CHECK(found.certain);
  CHECK(found.evidence == std::vector<std::string>{"migrate-b ended with exit code 1",
                                                   "last words of migrate-b:", "  no such table"});
  CHECK(found.cure == "kubectl -n shop logs job/migrate --all-pods");
}

TEST_CASE("a service's job is told by its name, and one that took too long with the time that it had") {
  Container running = container();
  running.running = true;
  running.last_words = "row 3 of 9000000\n";
  Evidence one = evidence({replica(running, "orders-migrate-0123456789-a")});
  one.once = Once{true, "DeadlineExceeded", "Job was active longer than specified deadline",
                  0,    "migrate",          "orders-migrate-0123456789",
                  5min};
  const Finding found = only(one);
  CHECK(found.code == base::Code::jobLate);
  CHECK(found.sentence == "the job migrate failed: it took longer than its timeout of 5m, and was ended");
  CHECK(found.certain);
  CHECK(found.evidence ==
        std::vector<std::string>{"last words of orders-migrate-0123456789-a:", "  row 3 of 9000000"});
  CHECK(found.cure == "kubectl -n shop logs job/orders-migrate-0123456789 --all-pods");
}

TEST_CASE("what is certain comes first, and different troubles stay apart") {
  const auto found = explain::explain(evidence({replica(crashed(3, 1), "a"), replica(crashed(4, 3), "b")}));
  REQUIRE(found.size() == 2);
  CHECK(found.front().certain);
  CHECK(found.front().sentence ==
        "the container ended by itself with exit code 4, 3 times (1 of 2 replicas)");
  CHECK_FALSE(found.back().certain);
}

TEST_CASE("of equal ones the certain one is shown") {
  const Finding found = only(evidence({replica(crashed(3, 1), "a"), replica(crashed(3, 3), "b")}));
  CHECK(found.certain);
  CHECK(found.sentence == "the container ended by itself with exit code 3, 3 times (2 of 2 replicas)");
}

TEST_CASE("a finding as an error") {
  const base::Error error = to_error(only(evidence({replica(crashed(3, 3, 1s, "oh"))})));
  CHECK(base::to_text(error) ==
        "error[MSC5105]: orders: the container ended by itself with exit code 3, 3 times\n"
        "  note: last words of orders-a:\n"
        "  note:   oh\n"
        "  help: msctl logs orders -e staging --previous\n");
}
