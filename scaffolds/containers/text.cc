#include "scaffolds/containers/text.h"

#include <nlohmann/json.hpp>

#include "runtime/base/yaml/write.h"
#include "runtime/generated/file.h"

namespace msctl::scaffolds::containers {

std::string with_header(std::string_view content) {
  std::string out = "# ";
  out.append(generated::header) += '\n';
  return out.append(content);
}

std::string yaml_file(const std::vector<nlohmann::ordered_json>& documents) {
  std::string out;
  for (const nlohmann::ordered_json& document : documents) out.append("---\n").append(yaml::write(document));
  return with_header(out);
}

}  // namespace msctl::scaffolds::containers
