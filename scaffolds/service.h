// What `msctl new service` puts into services/NAME.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "scaffolds/embedded.h"
#include "scaffolds/tree.h"

namespace msctl::scaffolds {

struct ServiceRequest {
  std::string name;                  // an RFC 1123 label
  std::vector<std::string> needs;    // services that it calls over HTTP: each gets a client
  std::vector<std::string> backing;  // needs that speak something else: named in service.yaml, no client
};

// The language's template under the new name, with one client a need. A template that needs Redis names
// `redis` among its needs. Errors: badTemplate.
base::Result<Tree> render_service(const EmbeddedLanguage& language, const toolchain::Language& description,
                                  const ServiceRequest& request);

// service.yaml with its `needs:` replaced by these; comments and all else stay as they are. Without needs the
// line goes.
base::Result<std::string> with_needs(std::string_view service_yaml, const std::vector<std::string>& needs);

// services/redis: the store of the example resources. It keeps nothing on disk, being for development.
Tree redis_service();

}  // namespace msctl::scaffolds
