// Probes, and what happens to those that do not answer.
#include "tests/catch.h"
#include "tests/unit/runtime/explain/evidence_made.h"

using namespace msctl;
using namespace msctl::explain;

namespace {

Replica probed(Container container, ProbeKind kind, std::string answer, int count = 4) {
  Replica out = replica(std::move(container));
  out.created = now - 60s;
  out.probes = {{ProbeKind::startup, "GET /health/live on port 8080", 1s, 120s},
                {ProbeKind::readiness, "GET /health/ready on port 8080", 1s, 15s},
                {ProbeKind::liveness, "GET /health/live on port 8080", 5s, 30s}};
  out.probe_failures = {{kind, std::move(answer), count, now - 1s}};
  return out;
}

}  // namespace

TEST_CASE("readiness tells what was asked and answered") {
  Container one = running(50s);
  one.started = true;
  one.last_words = "no database\n";
  const std::vector<std::pair<std::string, std::string>> answers{
      {"HTTP probe failed with statuscode: 503", "GET /health/ready on port 8080 answers 503"},
      {"Get \"http://10.1.0.5:8080/health/ready\": dial tcp 10.1.0.5:8080: connect: connection refused",
       "GET /health/ready on port 8080: nothing listens there"},
      {"Get \"http://10.1.0.5:8080/health/ready\": context deadline exceeded (Client.Timeout exceeded while "
       "awaiting "
       "headers)",
       "GET /health/ready on port 8080 does not answer within 1s"},
      {"Get \"http://10.1.0.5:8080/\": read tcp 10.1.0.1:1->10.1.0.5:8080: read: connection reset by peer",
       "GET /health/ready on port 8080: the connection is cut"}};
  for (const auto& [words, said] : answers) {
    const Finding found = only(evidence({probed(one, ProbeKind::readiness, words)}));
    CHECK(found.code == base::Code::readinessProbeFails);
    CHECK(found.sentence == "the container is not ready: " + said);
    CHECK(found.evidence.front() == "orders-a: readiness probe failed 4 times: " + words);
    CHECK(found.evidence.back() == "  no database");
    CHECK_FALSE(found.certain);
  }
}

TEST_CASE("a probe that failed before the replica was ready is forgotten") {
  Container one = running(50s);
  one.ready = one.started = true;
  Replica ready = probed(one, ProbeKind::readiness, "HTTP probe failed with statuscode: 503");
  ready.ready = true;
  CHECK(explain::explain(evidence({ready})).empty());
}

TEST_CASE("a start that takes too long is certain the second time") {
  Container one = running(10s);
  const std::string refused =
      "Get \"http://10.1.0.5:8080/\": dial tcp 10.1.0.5:8080: connect: connection refused";
  Finding found = only(evidence({probed(one, ProbeKind::startup, refused)}));
  CHECK(found.code == base::Code::startupProbeFails);
  CHECK(found.sentence ==
        "the container has not started yet: GET /health/live on port 8080: nothing listens there");
  CHECK_FALSE(found.certain);
  one.ended = Ended{143, 15, false, "Error", "", now - 140s, now - 12s};
  one.restarts = one.killed_by_startup = 1;
  found = only(evidence({probed(one, ProbeKind::startup, refused)}));
  CHECK(found.sentence ==
        "the container did not start within 2m, once: GET /health/live on port 8080: nothing listens there");
  CHECK_FALSE(found.certain);
  one.restarts = one.killed_by_startup = 2;
  CHECK(only(evidence({probed(one, ProbeKind::startup, refused)})).certain);
}

TEST_CASE("one that crashes is not asked why it does not answer") {
  const Finding found = only(evidence({probed(crashed(1, 2), ProbeKind::startup, "connection refused")}));
  CHECK(found.code == base::Code::podCrashes);
}

TEST_CASE("one that was killed as it stopped answering") {
  Container one = running(5s);
  one.ended = Ended{137, 9, false, "Error", "", now - 50s, now - 6s};
  one.restarts = one.killed_by_liveness = 3;
  const Finding found =
      only(evidence({probed(one, ProbeKind::liveness, "HTTP probe failed with statuscode: 500")}));
  CHECK(found.code == base::Code::livenessProbeFails);
  CHECK(
      found.sentence ==
      "the container was killed 3 times, as it stopped answering: GET /health/live on port 8080 answers 500");
  CHECK(found.certain);
}

TEST_CASE("without any sign it is only slow, and that only after a while") {
  Container one = running(3s);
  Replica young = replica(one);
  CHECK(explain::explain(evidence({young})).empty());
  young.created = now - 40s;
  young.containers.front().since = now - 30s;
  const Finding found = only(evidence({young}));
  CHECK(found.code == base::Code::podNotReady);
  CHECK(found.evidence.front() == "orders-a runs for 30s");
  CHECK_FALSE(found.certain);
}
