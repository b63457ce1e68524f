#include "cli/context.h"

#include <filesystem>
#include <ostream>

namespace msctl::cli {

std::optional<std::string> Context::variable(const std::string& name) const {
  auto found = environment.find(name);
  if (found == environment.end()) return std::nullopt;
  return found->second;
}

std::string Context::path(const std::string& typed) const {
  return (std::filesystem::path(folder) / typed).lexically_normal().string();
}

bool Context::reader_gone() const {
  return !out;
}

}  // namespace msctl::cli
