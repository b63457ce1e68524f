// A template, whole and inspected, and the service that becomes of it.
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "scaffolds/service.h"
#include "scaffolds/templates/address.h"
#include "scaffolds/templates/description.h"
#include "scaffolds/templates/values.h"
#include "scaffolds/tree.h"

namespace msctl::scaffolds::templates {

struct Template {
  Description description;
  std::string commit;  // of a repository
  Tree files;          // as they are there, without template.yaml
};

// Reads all of it into memory: of a repository nothing is left on the disk. `base_folder`: against which a
// folder's relative path counts.
std::expected<Template, base::Errors> load(const Address& address, const std::string& base_folder,
                                           const std::function<bool()>& interrupted);

// The template under the new name and with these values; a variable without one keeps its sentinel. The paths
// are judged again: a name or a value may have changed them. Errors: those of inspect.h, badTemplate.
base::Result<Tree> render(const Template& source, const ServiceRequest& request, const Values& values);

}  // namespace msctl::scaffolds::templates
