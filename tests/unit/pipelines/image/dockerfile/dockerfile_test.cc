#include "pipelines/image/dockerfile/dockerfile.h"

#include <algorithm>

#include "tests/catch.h"

using namespace msctl;
using toolchain::Argv;

TEST_CASE("the first tool that is there builds") {
  const auto with = [](std::vector<std::string> there) {
    return image::container_tool([there = std::move(there)](const std::string& name) {
      return std::ranges::find(there, name) != there.end() ? "/usr/bin/" + name : std::string{};
    });
  };
  CHECK(*with({"docker", "podman", "buildah"}) == "buildah");
  CHECK(*with({"docker", "podman"}) == "podman");
  CHECK(*with({"docker"}) == "docker");
  auto none = with({});
  REQUIRE_FALSE(none);
  CHECK(none.error().code == base::Code::noContainerTool);
}

TEST_CASE("what the tools are told") {
  image::DockerfileBuild build{"/w/services/a",
                               "/w/services/a/Dockerfile",
                               "localhost/shop/a:x",
                               "/w/out",
                               {"linux", "arm64", ""},
                               true,
                               7,
                               false};
  CHECK(image::dockerfile_steps("buildah", build) ==
        std::vector<Argv>{
            {"buildah", "build", "--format", "oci", "--timestamp", "7", "--tag", "localhost/shop/a:x",
             "--layers", "--platform", "linux/arm64", "--file", "/w/services/a/Dockerfile", "/w/services/a"},
            {"buildah", "push", "--quiet", "localhost/shop/a:x", "oci:/w/out:image"}});
  build.time = 0;  // at which Java says that there is no file
  CHECK(image::dockerfile_steps("buildah", build)[0][5] == "1");
  build.time = 7;
  build.other_platform = false;
  build.fresh = true;
  CHECK(image::dockerfile_steps("podman", build)[0] ==
        Argv{"podman", "build", "--format", "oci", "--timestamp", "7", "--tag", "localhost/shop/a:x",
             "--no-cache", "--file", "/w/services/a/Dockerfile", "/w/services/a"});
  CHECK(image::dockerfile_steps("docker", build) ==
        std::vector<Argv>{{"docker", "buildx", "build", "--provenance=false", "--build-arg",
                           "SOURCE_DATE_EPOCH=7", "--output",
                           "type=oci,tar=false,rewrite-timestamp=true,dest=/w/out", "--no-cache", "--file",
                           "/w/services/a/Dockerfile", "/w/services/a"}});
}
