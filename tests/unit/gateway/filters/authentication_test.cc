#include "gateway/filters/authentication/api_keys.h"
#include "tests/unit/gateway/filters/fixture.h"

using namespace msctl::gateway;
using namespace msctl::gateway::filters;

namespace {

// printf '%s' secret | sha256sum, and of "other" and "team"
constexpr auto secret_sha = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";
constexpr auto other_sha = "d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa";

struct WithKeys : Fixture {
  WithKeys() {
    config::Provider partners;
    partners.name = "partners";
    partners.keys = {{"acme", secret_sha, {"gold", "eu"}}, {"zeta", other_sha, {}}};
    config::Provider staff;
    staff.name = "staff";
    staff.header = "X-Staff-Key";
    staff.keys = {{"sam", other_sha, {"admin"}}};
    config.authentication = {partners, staff};
    route.authentication = config::Authentication{false, {"partners"}};
  }
};

}  // namespace

TEST_CASE("SHA-256, by the examples of FIPS 180") {
  Digest digest;
  REQUIRE(sha256("abc", digest));
  CHECK(digest[0] == 0xba);
  CHECK(digest[1] == 0x78);
  CHECK(digest[31] == 0xad);
  REQUIRE(sha256("", digest));
  CHECK(digest[0] == 0xe3);
}

TEST_CASE_METHOD(WithKeys, "a key opens its route, and the upstream learns whose it is, but not the key") {
  arrive(
      "GET /\nX-API-Key: secret\nX-Consumer-Name: root\nx-consumer-groups: admin\nX-Claim-Tenant: "
      "t\nX_Consumer_Name: root");
  REQUIRE(admit());
  std::string out = forwarded();
  CHECK(value(out, "X-Consumer-Name") == "acme");
  CHECK(value(out, "X-Consumer-Groups") == "gold,eu");
  CHECK(value(out, "X-Claim-Tenant") == "-");
  CHECK(value(out, "X_Consumer_Name") == "-");
  CHECK(value(out, "X-API-Key") == "-");
}

TEST_CASE_METHOD(WithKeys, "Connection cannot take off what the gateway vouches for") {
  arrive(
      "GET /\nX-API-Key: secret\nConnection: X-Consumer-Name, X-Forwarded-For, X-Drop\nX-Drop: 1\nX-Keep: 1");
  REQUIRE(admit());
  std::string out = forwarded();
  CHECK(value(out, "X-Consumer-Name") == "acme");
  CHECK(value(out, "X-Forwarded-For") == "192.0.2.7");
  CHECK(value(out, "X-Drop") == "-");
  CHECK(value(out, "X-Keep") == "1");
  CHECK(value(out, "Connection") == "-");
}

TEST_CASE_METHOD(WithKeys, "no key, a wrong key, an empty one and two are refused") {
  for (auto fields : {"", "X-API-Key: wrong", "X-API-Key:", "X-API-Key: secret\nX-API-Key: secret",
                      "X-API-Key: Secret", "X_API_Key: secret", "X-Staff-Key: other"}) {
    arrive("GET /\n" + std::string(fields));
    INFO(fields);
    CHECK_FALSE(admit());
    CHECK(exchange.answer.status == 401);
    CHECK(exchange.consumer == nullptr);
    CHECK(value(answered(), "WWW-Authenticate") == "ApiKey realm=\"partners\", header=\"X-API-Key\"");
  }
  arrive("GET /");
  admit();
  CHECK(std::string(exchange.answer.reason) == "no_credential");
  arrive("GET /\nX-API-Key: x");
  admit();
  CHECK(std::string(exchange.answer.reason) == "wrong_credential");
}

TEST_CASE_METHOD(WithKeys, "any of several providers, or all of them") {
  route.authentication = config::Authentication{false, {"partners", "staff"}};
  arrive("GET /\nX-Staff-Key: other");
  REQUIRE(admit());
  CHECK(exchange.consumer->name == "sam");
  arrive("GET /\nX-API-Key: wrong\nX-Staff-Key: other");
  CHECK(admit());
  route.authentication->all = true;
  arrive("GET /\nX-Staff-Key: other");
  CHECK_FALSE(admit());
  CHECK(value(answered(), "WWW-Authenticate") == "twice");
  arrive("GET /\nX-API-Key: secret\nX-Staff-Key: other");
  REQUIRE(admit());
  CHECK(exchange.consumer->name == "acme");
  CHECK(value(forwarded(), "X-Staff-Key") == "-");
}

TEST_CASE_METHOD(WithKeys, "the default's authentication, a public route, and a provider that is not there") {
  config.defaults.authentication = config::Authentication{false, {"partners"}};
  route.authentication.reset();
  arrive("GET /");
  CHECK_FALSE(admit());
  route.authentication = config::Authentication{};
  arrive("GET /\nX-Consumer-Name: root");
  REQUIRE(admit());
  CHECK(value(forwarded(), "X-Consumer-Name") == "-");
  route.authentication = config::Authentication{false, {"nowhere"}};
  arrive("GET /\nX-API-Key: secret");
  CHECK_FALSE(admit());
}

TEST_CASE("each of many keys is found, and nothing else") {
  config::Provider provider;
  auto hex = [](const Digest& digest) {
    std::string out;
    for (std::uint8_t byte : digest)
      out += "0123456789abcdef"[byte >> 4], out += "0123456789abcdef"[byte & 15];
    return out;
  };
  Digest digest;
  for (int i = 0; i < 1000; ++i) {
    REQUIRE(sha256("key-" + std::to_string(i), digest));
    provider.keys.push_back({"consumer-" + std::to_string(i), hex(digest), {}});
  }
  ApiKeys keys(provider);
  for (int i = 0; i < 1100; ++i) {
    std::string key = "key-" + std::to_string(i);
    http1::Fields fields;
    fields.add({"x-api-key", key, http1::Name::other});
    const Consumer* consumer = nullptr;
    auto result = keys.check(fields, consumer);
    REQUIRE((result == ApiKeys::Result::right) == (i < 1000));
    if (consumer) REQUIRE(consumer->name == "consumer-" + std::to_string(i));
  }
}
