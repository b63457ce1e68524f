#include <algorithm>

#include "runtime/workspace/types.h"

namespace msctl::workspace {

const Service* Workspace::find(std::string_view service) const {
  auto found = std::ranges::find(services, service, &Service::name);
  return found == services.end() ? nullptr : &*found;
}

std::vector<std::string> Workspace::service_names() const {
  std::vector<std::string> out;
  for (const Service& service : services) out.push_back(service.name);
  return out;
}

}  // namespace msctl::workspace
