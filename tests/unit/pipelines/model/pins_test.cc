#include "pipelines/model/pins.h"

#include "pipelines/model/refresh.h"
#include "tests/catch.h"

using namespace msctl;
using pipeline::Pin;

namespace {

const std::string a(40, 'a'), b(40, 'b'), c(40, 'c');
const Pin checkout{"actions/checkout", "v6.0.2", a};

std::string newest(const std::vector<pipeline::Tag>& tags, bool any_major = false) {
  auto found = pipeline::newest_release(checkout, tags, any_major);
  return found ? found->version + " " + found->digest : found.error().message;
}

}  // namespace

TEST_CASE("pins are read as they were written, by name", "[pins]") {
  const std::string digest = "sha256:" + std::string(64, '0');
  const pipeline::Pins pins{checkout, {"registry.example:5000/ci", "1", digest}};
  auto read = pipeline::parse_pins(pipeline::write_pins(pins));
  REQUIRE(read);
  CHECK(*read == pins);
  auto another = pipeline::parse_pins("# a word\r\n\r\nz/b v1  " + b + "\r\na/b v1 " + a + "\n");
  REQUIRE(another);
  CHECK(*another == pipeline::Pins{{"a/b", "v1", a}, {"z/b", "v1", b}});
  CHECK(pipeline::parse_pins("")->empty());
}

TEST_CASE("what is no pin is told with its line", "[pins]") {
  const std::vector<std::string> wrong{"a/b v1",        "a/b v1 " + a.substr(1), "a/b v1 " + a + " more",
                                       "a/b v1;x " + a, "a/b v1 sha256:" + a,    "<<<<<<< ours"};
  for (const std::string& text : wrong) {
    INFO(text);
    auto read = pipeline::parse_pins("# first\n" + text + "\n");
    REQUIRE_FALSE(read);
    CHECK(read.error().code == base::Code::badPins);
    CHECK(read.error().at.line == 2);
  }
  auto twice = pipeline::parse_pins("a/b v1 " + a + "\na/b v2 " + b + "\n");
  REQUIRE_FALSE(twice);
  CHECK(twice.error().at.line == 2);
}

TEST_CASE("the newest release of the same major version, and never an older one", "[pins]") {
  const std::vector<pipeline::Tag> tags{{"v6", b},     {"v6.1", b},        {"v6.0.10", b}, {"v6.0.9", c},
                                        {"v7.0.0", c}, {"v6.2.0-beta", c}, {"v6.0.2", a},  {"nightly", c}};
  CHECK(newest(tags) == "v6.0.10 " + b);
  CHECK(newest(tags, true) == "v7.0.0 " + c);
  CHECK(newest({{"v6.0.1", b}}) == "v6.0.2 " + a);
  CHECK(newest({{"v6.0.2", a}}) == "v6.0.2 " + a);
  CHECK(newest({{"v7.0.0", c}}) == "actions/checkout has no release to follow v6.0.2");
  CHECK(newest({}) == "actions/checkout has no release to follow v6.0.2");
}

TEST_CASE("a tag that was moved is no newer release", "[pins]") {
  CHECK(newest({{"v6.0.2", b}}).starts_with("the tag v6.0.2 of actions/checkout was moved"));
  CHECK(newest({{"v6.0.2", b}, {"v6.0.3", c}}) == "v6.0.3 " + c);
}

TEST_CASE("an action may be a folder of its repository", "[pins]") {
  CHECK(pipeline::repository_of({"actions/cache/save", "v5.0.4", a}) == "https://github.com/actions/cache");
  CHECK(pipeline::repository_of(checkout) == "https://github.com/actions/checkout");
}

TEST_CASE("an image is pinned by its name and its tag", "[pins]") {
  using Parts = std::pair<std::string, std::string>;
  CHECK(pipeline::split_image("registry.example:5000/ci:1") == Parts{"registry.example:5000/ci", "1"});
  CHECK(pipeline::split_image("registry.example:5000/ci") == Parts{"registry.example:5000/ci", "latest"});
  CHECK(pipeline::split_image("debian") == Parts{"debian", "latest"});
  CHECK(pipeline::split_image("debian@sha256:0") == Parts{});
}
