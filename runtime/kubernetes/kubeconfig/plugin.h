// Credential plugins: a program is told about the cluster in KUBERNETES_EXEC_INFO and answers, on stdout,
// with an ExecCredential. https://kubernetes.io/docs/reference/config-api/client-authentication.v1/
#pragma once

#include <optional>
#include <string>

#include "runtime/kubernetes/kubeconfig/credentials.h"

namespace msctl::kubernetes::kubeconfig {

struct Told {
  std::string token;
  std::string certificate, key;  // PEM
  std::optional<base::WallTime> until;
};

// Errors: credentialPlugin.
base::Result<Told> ask_plugin(const Exec& exec, const Cluster& cluster, const std::string& authorities,
                              const Outside& outside);

// What a plugin printed. Errors: credentialPlugin, without anything of it.
base::Result<Told> read_exec_credential(const Exec& exec, const std::string& output);

}  // namespace msctl::kubernetes::kubeconfig
