#include "pipelines/image/oci/reference.h"

#include "pipelines/image/oci/types.h"
#include "runtime/base/base64.h"
#include "tests/catch.h"

using namespace msctl;
using image::parse_reference;
using image::Reference;

TEST_CASE("names of images are read as Docker reads them") {
  CHECK(parse_reference("debian") == Reference{"docker.io", "library/debian", "", ""});
  CHECK(parse_reference("redis:7") == Reference{"docker.io", "library/redis", "7", ""});
  CHECK(parse_reference("me/tool") == Reference{"docker.io", "me/tool", "", ""});
  CHECK(parse_reference("localhost/x") == Reference{"localhost", "x", "", ""});
  CHECK(parse_reference("localhost:5000/shop/orders:1.2") ==
        Reference{"localhost:5000", "shop/orders", "1.2", ""});
  CHECK(parse_reference("[::1]:5000/x") == Reference{"[::1]:5000", "x", "", ""});
  const std::string digest = "sha256:" + std::string(64, 'a');
  CHECK(parse_reference("r.example/a/b@" + digest) == Reference{"r.example", "a/b", "", digest});
  CHECK(parse_reference("r.example/a/b:1@" + digest)->version() == digest);
  CHECK(parse_reference("r.example/a")->version() == "latest");
  CHECK(parse_reference("r.example/a:x")->text() == "r.example/a:x");
}

TEST_CASE("what is no name of an image is told from one") {
  const auto text =
      GENERATE(as<std::string>{}, "", "Debian", "r.example/Shop", "r.example/", "r.example//x", "a:", "a:b c",
               "r.example/a/", "r.example:x/a", "r.example/a..b", "r.example/a_-b", "-a", "a@sha256:12",
               "https://r.example/a", "r.example/a:b/c", "r.example/é");
  CAPTURE(text);
  CHECK_FALSE(parse_reference(text));
}

TEST_CASE("platforms are read, with the system left out or not") {
  CHECK(image::parse_platform("arm64")->text() == "linux/arm64");
  CHECK(image::parse_platform("linux/arm/v7")->text() == "linux/arm/v7");
  for (const char* text : {"", "/", "linux/", "a/b/c/d", "Linux/amd64", "linux amd64"})
    CHECK_FALSE(image::parse_platform(text));
}

TEST_CASE("base64 is RFC 4648's") {
  for (const auto& [plain, coded] : {std::pair{"", ""},
                                     {"f", "Zg=="},
                                     {"fo", "Zm8="},
                                     {"foo", "Zm9v"},
                                     {"foob", "Zm9vYg=="},
                                     {"fooba", "Zm9vYmE="},
                                     {"foobar", "Zm9vYmFy"}}) {
    CHECK(base::to_base64(plain) == coded);
    CHECK(base::from_base64(coded) == plain);
  }
  CHECK_FALSE(base::from_base64("a b"));
}
