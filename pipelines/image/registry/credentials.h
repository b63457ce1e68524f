// Who asks a registry: what `docker login` and `podman login` have left, and credential helpers.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/system/processes.h"

namespace msctl::image {

struct Credential {
  std::string user, password;
  std::string identity_token;  // instead of a password: a token that other tokens are had for
  bool operator==(const Credential&) const = default;
};

class Credentials {
public:
  using Variable = std::function<std::optional<std::string>(const std::string&)>;
  Credentials(Variable variable, system::Processes& processes);

  // For "registry.example:5000"; nothing where none is known. Errors: credentialHelper.
  base::Result<std::optional<Credential>> find(const std::string& registry);

private:
  base::Result<std::optional<Credential>> ask(const std::string& helper, const std::string& server);
  base::Result<std::optional<Credential>> find_in(const std::string& file, const std::string& registry);

  Variable variable_;
  system::Processes& processes_;
};

}  // namespace msctl::image
