// From files to trees, and from the trees of services to services. Files do not depend on each other: many
// are read on several threads, which is what the start of a large workspace waits for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/base/schema/schema.h"
#include "runtime/base/yaml/node.h"
#include "runtime/workspace/load.h"
#include "runtime/workspace/types.h"
#include "runtime/workspace/variables.h"

namespace msctl::workspace {

// One service.yaml.
struct ServiceFile {
  std::optional<yaml::Node> tree;
  std::optional<Service> service;  // where the tree could be understood
  std::string broken;              // its name, where it is not whole
  base::Errors errors;
};

// Whether a tree is as described, or can be understood all the same.
enum class Fit { whole, unknown_keys, wrong };
Fit judge(const yaml::Node& node, const schema::Type& type, base::Errors& errors);
inline bool is_decodable(Fit fit) {
  return fit != Fit::wrong;
}

class Reader {
public:
  // `options` must outlive the reader.
  Reader(std::string root, const LoadOptions& options);
  const std::string& root() const { return root_; }

  // msctl.yaml with the environment's overlay merged over it; nothing where it has no sound tree.
  std::optional<yaml::Node> read_workspace(base::Errors& errors) const;

  // Side by side with `folders`, which are relative to the root.
  std::vector<ServiceFile> read_services(const std::vector<std::string>& folders) const;

private:
  std::optional<yaml::Node> read(const std::string& relative, base::Errors& errors) const;
  ServiceFile read_service(const std::string& folder, const schema::Type& type) const;

  std::string root_;
  const LoadOptions& options_;
  Lookup lookup_;
};

}  // namespace msctl::workspace
