#include "runtime/kubernetes/external_metrics/certificate.h"

#include "tests/catch.h"
#include "tests/fakes/clock.h"

using namespace msctl;
using namespace msctl::kubernetes::external_metrics;
using std::chrono::days;

namespace {

const std::vector<std::string> names{"gateway-external-metrics.shop.svc"};

std::size_t count(const std::string& pem) {
  std::size_t out = 0;
  for (std::size_t at = pem.find("-----BEGIN"); at != std::string::npos; at = pem.find("-----BEGIN", at + 1))
    ++out;
  return out;
}

}  // namespace

TEST_CASE("a certificate is good for sixty days, and then to be renewed", "[external_metrics]") {
  fakes::FakeClock clock;
  const auto made = make_certificate(names, clock.wall(), {});
  REQUIRE(made);
  CHECK(unfit(*made, names, clock.wall()).empty());
  CHECK(count(made->authorities) == 1);
  clock.advance(days(59));
  CHECK(unfit(*made, names, clock.wall()).empty());
  clock.advance(days(1));
  CHECK(unfit(*made, names, clock.wall()).starts_with("it ends at 2024-02-12"));
}

TEST_CASE("the authority before stays beside the new one, and goes with the next", "[external_metrics]") {
  fakes::FakeClock clock;
  const auto first = make_certificate(names, clock.wall(), {});
  REQUIRE(first);
  clock.advance(days(60));
  const auto second = make_certificate(names, clock.wall(), *first);
  REQUIRE(second);
  CHECK(unfit(*second, names, clock.wall()).empty());
  CHECK(count(second->authorities) == 2);
  CHECK(second->authorities.ends_with(first->authorities));
  clock.advance(days(60));
  const auto third = make_certificate(names, clock.wall(), *second);
  REQUIRE(third);
  CHECK(count(third->authorities) == 2);
  CHECK(third->authorities.find(first->authorities) == std::string::npos);
  // One that has ended is believed by nobody.
  clock.advance(days(91));
  const auto late = make_certificate(names, clock.wall(), *third);
  REQUIRE(late);
  CHECK(count(late->authorities) == 1);
}

TEST_CASE("what is none, or another's, is replaced", "[external_metrics]") {
  fakes::FakeClock clock;
  const auto one = make_certificate(names, clock.wall(), {});
  const auto two = make_certificate(names, clock.wall(), {});
  REQUIRE(one);
  REQUIRE(two);
  CHECK(unfit({}, names, clock.wall()) == "it is none");
  CHECK(unfit({"x", "y", "z"}, names, clock.wall()) == "it is none");
  CHECK(unfit({one->authorities, one->certificate, two->key}, names, clock.wall()) == "its key is another's");
  CHECK(unfit({two->authorities, one->certificate, one->key}, names, clock.wall()) ==
        "its authority did not sign it");
  CHECK(unfit(*one, {"gateway-external-metrics.other.svc"}, clock.wall()) ==
        "it is not for gateway-external-metrics.other.svc");
}
