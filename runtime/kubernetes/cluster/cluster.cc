#include "runtime/kubernetes/cluster/cluster.h"

namespace msctl::kubernetes {
namespace {

std::string of_metadata(const Json& object, const char* name) {
  const auto metadata = object.find("metadata");
  return metadata == object.end() ? "" : metadata->value(name, "");
}

}  // namespace

std::string uid_of(const Json& object) {
  return of_metadata(object, "uid");
}

std::string version_of(const Json& object) {
  return of_metadata(object, "resourceVersion");
}

}  // namespace msctl::kubernetes
