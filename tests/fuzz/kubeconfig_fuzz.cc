// kubeconfig files, tokens, certificates and what credential plugins print: whatever they hold, there is a
// result or an error with a place in the file, and no line of the file is shown.
#include <cstddef>
#include <cstdint>
#include <string>

#include "runtime/kubernetes/kubeconfig/describe.h"
#include "runtime/kubernetes/kubeconfig/plugin.h"
#include "tests/fuzz/check.h"

using namespace msctl;
using namespace msctl::kubernetes;

namespace {

void expect_error(const base::Error& error) {
  FUZZ_CHECK(!error.message.empty());
  FUZZ_CHECK(error.at.text.empty());
  FUZZ_CHECK(!base::to_text(error).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (auto config = kubeconfig::parse("/etc/kube/config", text)) {
    config->contexts.push_back({});
    for (const kubeconfig::Context& each : config->contexts)
      if (auto access = kubeconfig::select(*config, each.name)) {
        FUZZ_CHECK(access->cluster.authority_file.empty() || access->cluster.authority_file.front() == '/');
        FUZZ_CHECK(access->user.token_file.empty() || access->user.token_file.front() == '/');
        FUZZ_CHECK(access->user.token.find('\n') == std::string::npos);
      } else {
        expect_error(access.error());
      }
  } else {
    expect_error(config.error());
  }
  kubeconfig::Exec exec;
  exec.api_version = "client.authentication.k8s.io/v1";
  if (auto told = kubeconfig::read_exec_credential(exec, text))
    FUZZ_CHECK(!told->token.empty() || !told->certificate.empty());
  else
    expect_error(told.error());
  const base::WallTime now{};
  for (const char c : kubeconfig::describe_token(text, now))
    FUZZ_CHECK(static_cast<unsigned char>(c) >= 0x20);
  for (const char c : kubeconfig::describe_certificate(text, now))
    FUZZ_CHECK(static_cast<unsigned char>(c) >= 0x20);
  base::parse_rfc3339(text);
  return 0;
}
