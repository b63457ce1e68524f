#include "pipelines/image/sbom/packages.h"

#include <nlohmann/json.hpp>

#include "pipelines/image/sbom/documents.h"
#include "runtime/base/file.h"
#include "tests/catch.h"

using namespace msctl;
using image::Package;
using image::Packages;

namespace {

std::vector<std::string> purls(const base::Result<Packages>& packages) {
  REQUIRE(packages);
  std::vector<std::string> out;
  for (const Package& each : *packages) out.push_back(each.purl);
  return out;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("go.mod") {
  const char* text =
      "module example.com/x\n\ngo 1.22\n\nrequire github.com/a/b v1.2.3\n\nrequire (\n"
      "\tgithub.com/redis/go-redis/v9 v9.7.0\n\tgolang.org/x/sys v0.1.0 // indirect\n)\n\n"
      "replace (\n\tx => y\n)\n";
  CHECK(purls(image::from_go_mod(text, "go.mod")) == Names{"pkg:golang/github.com/a/b@v1.2.3",
                                                           "pkg:golang/github.com/redis/go-redis/v9@v9.7.0",
                                                           "pkg:golang/golang.org/x/sys@v0.1.0"});
  CHECK_FALSE(image::from_go_mod("<<<<<<< HEAD\n", "go.mod"));
  CHECK_FALSE(image::from_go_mod("module x\nrequire (\n\ta\n)\n", "go.mod"));
}

TEST_CASE("a list of package URLs") {
  const auto packages = image::from_list(
      "# made by the build\n\npkg:deb/debian/libyaml-dev@0.2.5-1?arch=amd64\r\n"
      "pkg:deb/debian/libssl-dev@1:3.0%2Bdfsg~1#x\npkg:npm/%40scope/name@1.0.0\n",
      "packages.txt");
  CHECK(purls(packages) == Names{"pkg:deb/debian/libssl-dev@1:3.0%2Bdfsg~1#x",
                                 "pkg:deb/debian/libyaml-dev@0.2.5-1?arch=amd64",
                                 "pkg:npm/%40scope/name@1.0.0"});
  CHECK((*packages)[0].name == "libssl-dev");
  CHECK((*packages)[0].version == "1:3.0+dfsg~1");
  CHECK((*packages)[2].name == "@scope/name");
  for (const char* bad : {"libssl-dev 3.0\n", "pkg:deb/x\n", "pkg:deb@1\n", "pkg:deb/x@\n", "pkg:/x@1\n",
                          "pkg:deb/x@1%2\n", "pkg:deb/x%zz@1\n"}) {
    INFO(bad);
    const auto refused = image::from_list(bad, "packages.txt");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == base::Code::noPackages);
    CHECK(refused.error().message.starts_with("packages.txt:1: "));
  }
}

TEST_CASE("package-lock.json") {
  const char* text = R"({"lockfileVersion":3,"packages":{"":{"name":"me"},
    "node_modules/fastify":{"version":"5.1.0","license":"MIT",
      "integrity":"sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="},
    "node_modules/@a/b":{"version":"1.0.0"},
    "node_modules/fastify/node_modules/pino":{"version":"9.0.0"},
    "node_modules/typescript":{"version":"5.0.0","dev":true},
    "node_modules/only-mac":{"version":"1.0.0","optional":true,"os":["darwin"]}}})";
  const auto all = image::from_package_lock(text, "x");
  CHECK(purls(all) == Names{"pkg:npm/%40a/b@1.0.0", "pkg:npm/fastify@5.1.0", "pkg:npm/pino@9.0.0"});
  CHECK((*all)[1].algorithm == "SHA512");
  CHECK((*all)[1].hash == std::string(128, '0'));
  CHECK((*all)[1].license == "MIT");
  for (const char* wrong : {"", "[]", "{}", R"({"packages":{"node_modules/x":{}}})"})
    CHECK_FALSE(image::from_package_lock(wrong, "x"));
}

TEST_CASE("requirements.txt") {
  const char* text =
      "# by pip-compile\n--index-url https://x\nannotated_types==0.7.0 \\\n"
      "    --hash=sha256:aa \\\n    --hash=sha256:bb\n    # via pydantic\n"
      "uvicorn[standard]==0.30.0 ; python_version >= \"3.8\"\none==1 --hash=sha256:cc\n";
  const auto all = image::from_requirements(text, "x");
  CHECK(purls(all) == Names{"pkg:pypi/annotated-types@0.7.0", "pkg:pypi/one@1", "pkg:pypi/uvicorn@0.30.0"});
  CHECK_FALSE(image::from_requirements("flask>=2\n", "x"));
}

TEST_CASE("Cargo.lock, without the service itself") {
  const char* text =
      "version = 4\n\n[[package]]\nname = \"axum\"\nversion = \"0.8.1\"\n"
      "source = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"ab\"\n"
      "dependencies = [\n \"bytes\",\n]\n\n[[package]]\nname = \"service\"\nversion = \"0.0.0\"\n";
  const auto all = image::from_cargo_lock(text, "x");
  CHECK(purls(all) == Names{"pkg:cargo/axum@0.8.1"});
  CHECK((*all)[0].hash == "ab");
  CHECK_FALSE(image::from_cargo_lock("", "x"));
}

TEST_CASE("the lock files of the example are read whole") {
  const std::string root = "examples/shop/services/";
  const auto count = [&](auto read, const std::string& file) {
    auto text = base::read_file(root + file);
    REQUIRE(text);
    auto all = read(*text, file);
    REQUIRE(all);
    return all->size();
  };
  CHECK(count(image::from_go_mod, "orders/go.mod") >= 3);
  CHECK(count(image::from_package_lock, "notifications/package-lock.json") > 30);
  CHECK(count(image::from_requirements, "inventory/requirements.txt") > 10);
  CHECK(count(image::from_cargo_lock, "shipping/Cargo.lock") > 50);
}

TEST_CASE("the packages of this machine's files are those that dpkg tells") {
  const Packages all = image::from_dpkg({"/usr/bin/dpkg"}, "/var/lib/dpkg", "amd64");
  REQUIRE(all.size() == 1);
  CHECK(all[0].purl.starts_with("pkg:deb/debian/dpkg@"));
  CHECK(image::from_dpkg({"/nowhere/x"}, "/var/lib/dpkg", "amd64").empty());
}

TEST_CASE("documents are the same bytes for the same image, and other for another") {
  const image::Subject subject{"orders", "r.example/shop/orders", "sha256:" + std::string(64, 'a'), "1.0", 0};
  image::Subject other = subject;
  other.digest = "sha256:" + std::string(64, 'b');
  const Packages packages{{"fastify", "5.1.0", "pkg:npm/fastify@5.1.0", "SHA512", "00", "MIT"}};
  for (auto write : {image::spdx, image::cyclonedx}) {
    const std::string text = write(subject, packages);
    CHECK(text == write(subject, packages));
    CHECK(text != write(other, packages));
    CHECK(nlohmann::json::parse(text).is_object());
    CHECK(text.find("pkg:npm/fastify@5.1.0") != std::string::npos);
  }
}
