#include "runtime/secrets/source.h"

#include <fmt/format.h>

namespace msctl::secrets {

base::Error missing(const std::string& service, const std::string& name, const std::string& where,
                    const std::string& cure) {
  return base::fail(base::Code::secretMissing, fmt::format("{} has no {} in {}", service, name, where), cure)
      .error();
}

}  // namespace msctl::secrets
