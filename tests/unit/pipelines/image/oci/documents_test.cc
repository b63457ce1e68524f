#include <fmt/format.h>

#include "pipelines/image/oci/types.h"
#include "tests/catch.h"

using namespace msctl;

namespace {

const std::string digest = "sha256:" + std::string(64, '1');

image::Descriptor blob(std::string type, std::uint64_t size) {
  image::Descriptor out;
  out.media_type = std::move(type);
  out.digest = digest;
  out.size = size;
  return out;
}

}  // namespace

TEST_CASE("a manifest that is written is read again") {
  image::Manifest manifest;
  manifest.config = blob(std::string(image::config_type), 10);
  manifest.layers = {blob(std::string(image::layer_type), 20)};
  manifest.layers[0].annotations = {{"a", "b"}};
  manifest.subject = blob(std::string(image::manifest_type), 30);
  manifest.artifact_type = "application/spdx+json";
  const std::string bytes = image::write(manifest);
  auto again = image::read_manifest(bytes, "x");
  REQUIRE(again);
  CHECK(again->config == manifest.config);
  CHECK(again->layers == manifest.layers);
  CHECK(again->subject == manifest.subject);
  CHECK(image::write(*again) == bytes);
}

TEST_CASE("a configuration that is written is read again") {
  image::Config config;
  config.platform = {"linux", "arm64", "v8"};
  config.created = "1970-01-01T00:00:00Z";
  config.entrypoint = {"./bin/service"};
  config.environment = {"PATH=/bin", "PORT=8080"};
  config.user = "65532:65532";
  config.working_folder = "/app";
  config.exposed_ports = {"8080/tcp"};
  config.diff_ids = {digest};
  config.history = {{"msctl build: application", "", false}};
  const std::string bytes = image::write(config);
  auto again = image::read_config(bytes, "x");
  REQUIRE(again);
  CHECK(image::write(*again) == bytes);
  CHECK(again->platform == config.platform);
  CHECK(again->entrypoint == config.entrypoint);
}

TEST_CASE("an index tells the platforms") {
  image::Index index;
  index.manifests = {blob(std::string(image::manifest_type), 5)};
  index.manifests[0].platform = image::Platform{"linux", "amd64", ""};
  auto again = image::read_index(image::write(index), "x");
  REQUIRE(again);
  CHECK(again->manifests == index.manifests);
  CHECK_FALSE(image::read_manifest(image::write(index), "x"));
}

TEST_CASE("documents that others have spoilt are refused, with where and why") {
  const auto bytes = GENERATE(
      as<std::string>{}, "", "[]", "{", "{}", R"({"config":{}})",
      R"({"mediaType":"text/plain","config":{"mediaType":"x","digest":"sha256:1","size":1},"layers":[]})",
      R"({"config":{"mediaType":"x","digest":"../../etc/passwd","size":1},"layers":[]})",
      R"({"config":{"digest":"sha256:1111111111111111111111111111111111111111111111111111111111111111","size":-1},"layers":[]})",
      R"({"config":{"digest":"sha256:1111111111111111111111111111111111111111111111111111111111111111","size":1.5},"layers":[]})",
      R"({"config":{"digest":"sha256:1111111111111111111111111111111111111111111111111111111111111111","size":1},"layers":{}})",
      R"({"config":{"digest":"sha256:1111111111111111111111111111111111111111111111111111111111111111","size":1},"layers":[1]})");
  CAPTURE(bytes);
  auto read = image::read_manifest(bytes, "r.example/a:1");
  REQUIRE_FALSE(read);
  CHECK(read.error().code == base::Code::badManifest);
  CHECK(read.error().message.starts_with("r.example/a:1: "));
}

TEST_CASE("a document nested without end does not overflow the stack") {
  CHECK_FALSE(image::read_manifest(std::string(100'000, '['), "x"));
  CHECK_FALSE(image::read_config("{\"a\":" + std::string(100'000, '[') + "}", "x"));
}
