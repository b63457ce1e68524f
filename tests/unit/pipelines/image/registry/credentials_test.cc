#include "pipelines/image/registry/credentials.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "tests/catch.h"

using namespace msctl;
using image::Credential;
namespace fs = std::filesystem;

namespace {

struct Home {
  fs::path root;
  std::map<std::string, std::string> variables;
  system::RealProcesses processes;
  Home() {
    std::string path = (fs::temp_directory_path() / "home-XXXXXX").string();
    root = ::mkdtemp(path.data());
    variables["HOME"] = root.string();
  }
  ~Home() { fs::remove_all(root); }

  void put(const std::string& name, const std::string& content) const {
    fs::create_directories((root / name).parent_path());
    std::ofstream(root / name) << content;
    ::chmod((root / name).c_str(), 0755);
  }
  base::Result<std::optional<Credential>> find(const std::string& registry) {
    return image::Credentials(
               [this](const std::string& name) -> std::optional<std::string> {
                 auto found = variables.find(name);
                 if (found == variables.end()) return std::nullopt;
                 return found->second;
               },
               processes)
        .find(registry);
  }
};

}  // namespace

TEST_CASE_METHOD(Home, "what docker login and podman login have left is found, podman's first") {
  CHECK(*find("r.example") == std::nullopt);
  put(".docker/config.json",
      R"({"auths":{"r.example":{"auth":"YW5uOnNlY3JldDox"},"https://index.docker.io/v1/":{"auth":"Yjpj"}}})");
  CHECK(*find("r.example") == Credential{"ann", "secret:1", ""});
  CHECK(*find("docker.io") == Credential{"b", "c", ""});
  CHECK(*find("other.example") == std::nullopt);
  put(".config/containers/auth.json", R"({"auths":{"r.example":{"auth":"cG9kOm1hbg=="}}})");
  CHECK(*find("r.example") == Credential{"pod", "man", ""});
}

TEST_CASE_METHOD(Home, "a helper is asked, and what it says is taken") {
  const char* old = std::getenv("PATH");
  const std::string path = root.string() + "/bin:" + (old != nullptr ? old : "");
  put("bin/docker-credential-safe",
      "#!/bin/sh\nread server\n[ \"$1\" = get ] || exit 2\n"
      "[ \"$server\" = r.example ] || { echo 'credentials not found in native keychain'; exit 1; }\n"
      "echo '{\"Username\":\"ann\",\"Secret\":\"s3\"}'\n");
  put("bin/docker-credential-broken", "#!/bin/sh\necho locked; exit 1\n");
  put(".docker/config.json",
      R"({"credHelpers":{"b.example":"broken","g.example":"gone"},"credsStore":"safe"})");
  ::setenv("PATH", path.c_str(), 1);
  const auto known = find("r.example"), unknown = find("x.example"), broken = find("b.example"),
             gone = find("g.example");
  ::setenv("PATH", old != nullptr ? old : "", 1);
  CHECK(*known == Credential{"ann", "s3", ""});
  CHECK(*unknown == std::nullopt);
  REQUIRE_FALSE(broken);
  CHECK(broken.error().code == base::Code::credentialHelper);
  CHECK(broken.error().message.find("locked") != std::string::npos);
  CHECK_FALSE(gone);
}

TEST_CASE_METHOD(Home, "an identity token stands for a password") {
  put(".docker/config.json", R"({"auths":{"r.example":{"auth":"PHRva2VuPjo=","identitytoken":"long"}}})");
  CHECK((*find("r.example"))->identity_token == "long");
}
