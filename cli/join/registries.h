// The registries that one command speaks with: one connection pool, one set of credentials.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "cli/context.h"
#include "pipelines/image/registry/registry.h"
#include "runtime/http/client.h"
#include "runtime/system/processes.h"

namespace msctl::cli::join {

class Registries {
public:
  explicit Registries(Context& context);

  // "registry.example:5000"
  image::Registry& of(const std::string& name);

  // MSCTL_REGISTRY_USER and MSCTL_REGISTRY_PASSWORD are for this one.
  void set_own(const std::string& name) { own_ = name; }

private:
  base::Result<std::optional<image::Credential>> credential(const std::string& name);

  Context& context_;
  system::RealProcesses processes_;
  image::Credentials credentials_;
  http::Client client_;
  std::string own_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<image::Registry>> all_;
};

}  // namespace msctl::cli::join
