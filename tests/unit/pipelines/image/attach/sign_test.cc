#include "pipelines/image/attach/sign.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "pipelines/image/attach/provenance.h"
#include "runtime/base/base64.h"
#include "runtime/base/file.h"
#include "tests/catch.h"

using namespace msctl;
namespace fs = std::filesystem;

namespace {

struct Keys {
  fs::path root;
  Keys() {
    std::string path = (fs::temp_directory_path() / "keys-XXXXXX").string();
    root = ::mkdtemp(path.data());
  }
  ~Keys() { fs::remove_all(root); }
  void run(const std::string& command) const {
    INFO(command);
    REQUIRE(std::system(("cd " + root.string() + " && " + command + " >out 2>&1").c_str()) == 0);
  }
  std::string read(const std::string& name) const { return *base::read_file((root / name).string()); }
  void put(const std::string& name, const std::string& content) const {
    std::ofstream(root / name, std::ios::binary) << content;
  }
};

}  // namespace

TEST_CASE_METHOD(Keys, "openssl verifies what was signed") {
  run("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key && openssl pkey -in key "
      "-pubout -out pub");
  auto signer = image::Signer::load(read("key"), "key", "");
  REQUIRE(signer);
  const std::string payload = image::signature_payload("r.example/a", "sha256:1");
  auto signature = signer->sign(payload);
  REQUIRE(signature);
  put("payload", payload);
  put("signature", *base::from_base64(*signature));
  run("openssl dgst -sha256 -verify pub -signature signature payload");
  put("payload", payload + " ");
  run("! openssl dgst -sha256 -verify pub -signature signature payload");
}

TEST_CASE_METHOD(Keys, "an envelope signs its type and lengths, too") {
  run("openssl ecparam -name prime256v1 -genkey -noout -out key && openssl pkey -in key -pubout -out pub");
  auto signer = image::Signer::load(read("key"), "key", "");
  REQUIRE(signer);
  auto sealed = image::envelope(*signer, "{}");
  REQUIRE(sealed);
  const auto json = nlohmann::json::parse(*sealed);
  CHECK(json["payload"] == base::to_base64("{}"));
  put("signed", "DSSEv1 28 application/vnd.in-toto+json 2 {}");
  put("signature", *base::from_base64(json["signatures"][0]["sig"].get<std::string>()));
  run("openssl dgst -sha256 -verify pub -signature signature signed");
}

TEST_CASE_METHOD(Keys, "an encrypted key is opened with its password") {
  run("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes256 -pass pass:secret -out key");
  CHECK(image::Signer::load(read("key"), "key", "secret"));
  auto refused = image::Signer::load(read("key"), "key", "other");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == base::Code::badSigningKey);
  CHECK_FALSE(image::Signer::load(read("key"), "key", ""));
}

TEST_CASE_METHOD(Keys, "what is no such key is refused") {
  run("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out key384 && "
      "openssl genpkey -algorithm ED25519 -out ed && openssl pkey -in key384 -pubout -out pub");
  for (const char* name : {"key384", "ed", "pub"}) CHECK_FALSE(image::Signer::load(read(name), name, ""));
  for (const char* text : {"", "x", "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n",
                           "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n"})
    CHECK_FALSE(image::Signer::load(text, "x", ""));
}

TEST_CASE("a statement names the image, the commit and the base by digest") {
  const auto json = nlohmann::json::parse(image::statement({"r.example/a",
                                                            "sha256:12",
                                                            "orders",
                                                            "shop",
                                                            "direct",
                                                            "https://git.example/shop",
                                                            "abc",
                                                            "ff",
                                                            "https://b",
                                                            "1",
                                                            {{"debian", "sha256:34"}}}));
  CHECK(json["subject"][0]["digest"]["sha256"] == "12");
  CHECK(json["predicateType"] == "https://slsa.dev/provenance/v1");
  const auto& definition = json["predicate"]["buildDefinition"];
  CHECK(definition["resolvedDependencies"][0]["digest"]["gitCommit"] == "abc");
  CHECK(definition["resolvedDependencies"][1]["digest"]["sha256"] == "34");
  CHECK(definition["externalParameters"]["service"] == "orders");
}
