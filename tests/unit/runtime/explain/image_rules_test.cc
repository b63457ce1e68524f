// Images that do not come: the words are those of containerd 1.6 to 2.1 and of registries.
#include "tests/catch.h"
#include "tests/unit/runtime/explain/evidence_made.h"

using namespace msctl;
using namespace msctl::explain;

namespace {

Finding pulled(std::string words, std::string reason = "ImagePullBackOff") {
  return only(evidence({replica(waiting(std::move(reason), std::move(words)))}));
}

const std::string resolve =
    "Back-off pulling image \"localhost:5000/shop/orders:2\": ErrImagePull: rpc error: code = Unknown desc = "
    "failed "
    "to pull and unpack image \"localhost:5000/shop/orders:2\": failed to resolve reference "
    "\"localhost:5000/shop/orders:2\": ";

}  // namespace

TEST_CASE("an image that is not there is certain once the node tried and backs off") {
  const Finding found = pulled(resolve + "localhost:5000/shop/orders:2: not found");
  CHECK(found.code == base::Code::imageNotFound);
  CHECK(found.sentence == "the image localhost:5000/shop/orders:2 is not in its registry");
  CHECK(found.cure == "msctl build orders --push");
  CHECK(found.certain);
  CHECK(found.evidence.front().starts_with("orders-a: ImagePullBackOff: Back-off"));
  CHECK_FALSE(pulled("localhost:5000/shop/orders:2: not found", "ErrImagePull").certain);
}

TEST_CASE("older kubelets tell why only in the event") {
  Replica one =
      replica(waiting("ImagePullBackOff", "Back-off pulling image \"localhost:5000/shop/orders:2\""));
  one.events.push_back(
      {"Failed",
       "Failed to pull image \"localhost:5000/shop/orders:2\": rpc error: code = NotFound desc = "
       "failed to resolve reference: localhost:5000/shop/orders:2: not found",
       "orders", 2, now - 9s, now - 1s});
  CHECK(only(evidence({one})).code == base::Code::imageNotFound);
}

TEST_CASE("registries that want to know who asks, or do not give") {
  for (const char* words :
       {"pull access denied, repository does not exist or may require authorization: server message: "
        "insufficient_scope: authorization failed",
        "unexpected status from HEAD request to https://r.example/v2/a/manifests/2: 403 Forbidden",
        "failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized"}) {
    const Finding found = pulled(resolve + words);
    INFO(words);
    CHECK(found.code == base::Code::imageDenied);
    CHECK(found.certain);
    CHECK(found.sentence.starts_with("localhost:5000 does not let the cluster have the image"));
  }
}

TEST_CASE("what went wrong on the way may mend itself") {
  const std::vector<std::pair<std::string, std::string>> ways{
      {"dial tcp: lookup registry.example: no such host", "its name does not resolve there"},
      {"dial tcp 127.0.0.1:5000: connect: connection refused", "nothing listens at its address"},
      {"http: server gave HTTP response to HTTPS client",
       "it speaks plain HTTP, and the node insists on HTTPS"},
      {"tls: failed to verify certificate: x509: certificate signed by unknown authority",
       "the node does not trust its certificate"},
      {"dial tcp 10.0.0.1:443: i/o timeout", "it does not answer"},
      {"unexpected status: 500 Internal Server Error", "failed to pull and unpack"}};
  for (const auto& [words, said] : ways) {
    const Finding found = pulled(resolve + words);
    INFO(words);
    CHECK(found.code == base::Code::pullUnreachable);
    CHECK_FALSE(found.certain);
    CHECK(found.sentence.find(said) != std::string::npos);
  }
}

TEST_CASE("a port or a digest that looks like a status is none") {
  const Finding found = pulled(
      "Back-off pulling image \"r.example:4010/a@sha256:4034010000\": ErrImagePull: failed to do request: "
      "dial tcp "
      "10.0.4.3:4010: connect: connection refused");
  CHECK(found.code == base::Code::pullUnreachable);
}

TEST_CASE("names that no image can have, images that must not be pulled, and other machines") {
  Finding found = pulled("Failed to apply default image tag \"Shop/Orders\"", "InvalidImageName");
  CHECK(found.code == base::Code::imageNameInvalid);
  CHECK(found.certain);
  found = pulled("Container image is not present with pull policy of Never", "ErrImageNeverPull");
  CHECK(found.code == base::Code::imageNotFound);
  CHECK(found.certain);
  found = pulled(resolve + "no match for platform in manifest: not found");
  CHECK(found.code == base::Code::wrongMachine);
  Container other = crashed(1, 1, 0s, "exec /app/orders: exec format error\n");
  found = only(evidence({replica(other)}));
  CHECK(found.code == base::Code::wrongMachine);
  CHECK(found.certain);
}

TEST_CASE("equal findings of several replicas are one") {
  const auto bad = waiting("ImagePullBackOff", resolve + "localhost:5000/shop/orders:2: not found");
  const Finding found = only(evidence({replica(bad, "a"), replica(bad, "b"), replica(bad, "c")}));
  CHECK(found.replicas == 3);
  CHECK(found.sentence == "the image localhost:5000/shop/orders:2 is not in its registry (3 of 3 replicas)");
}
