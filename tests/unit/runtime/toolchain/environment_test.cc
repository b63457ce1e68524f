#include "runtime/toolchain/environment.h"

#include "tests/catch.h"

using namespace msctl;

namespace {

toolchain::Languages languages() {
  toolchain::Language go, rust;
  go.name = "go";
  go.variables = {"GOFLAGS", "CGO_*"};
  go.passes = {"GO*"};
  rust.name = "rust";
  rust.variables = {"RUSTFLAGS"};
  return toolchain::Languages({go, rust});
}

toolchain::StepEnvironment environment(const std::string& language,
                                       const std::vector<std::string>& own = {}) {
  workspace::Service service;
  service.language = language;
  service.variables = own;
  return toolchain::step_environment(service, languages(),
                                     {{"PATH", "/bin"},
                                      {"LC_ALL", "C"},
                                      {"GOFLAGS", "-v"},
                                      {"GOPATH", "/go"},
                                      {"CGO_ENABLED", "0"},
                                      {"RUSTFLAGS", "-O"},
                                      {"MSCTL_PROGRESS", "quiet"},
                                      {"DATABASE_URL", "x"},
                                      {"LD_PRELOAD", "y"},
                                      {"AWS_SECRET_ACCESS_KEY", "z"}});
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("a step sees what its language names, and what is about the machine") {
  const auto out = environment("go");
  CHECK(out.all ==
        Words{"CGO_ENABLED=0", "GOFLAGS=-v", "GOPATH=/go", "LC_ALL=C", "LD_PRELOAD=y", "PATH=/bin"});
  CHECK(out.counted == Words{"CGO_ENABLED=0", "GOFLAGS=-v", "LD_PRELOAD=y"});
}

TEST_CASE("a step sees what its service names, and its result depends on it") {
  const auto out = environment("rust", {"DATABASE_*"});
  CHECK(out.all == Words{"DATABASE_URL=x", "LC_ALL=C", "LD_PRELOAD=y", "PATH=/bin", "RUSTFLAGS=-O"});
  CHECK(out.counted == Words{"DATABASE_URL=x", "LD_PRELOAD=y", "RUSTFLAGS=-O"});
}

TEST_CASE("steps of no language may be of any") {
  CHECK(environment("none").counted == Words{"CGO_ENABLED=0", "GOFLAGS=-v", "LD_PRELOAD=y", "RUSTFLAGS=-O"});
}
