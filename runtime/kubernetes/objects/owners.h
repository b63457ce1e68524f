// Who states a field of a live object: metadata.managedFields, in words.
// The format of FieldsV1: https://kubernetes.io/docs/reference/using-api/server-side-apply/, and
// sigs.k8s.io/structured-merge-diff, fieldpath/serialize-pe.go.
#pragma once

#include <string>
#include <vector>

#include "runtime/kubernetes/objects/compare.h"

namespace msctl::kubernetes {

struct Owner {
  std::string manager;    // "kubectl-edit"
  std::string operation;  // Apply, Update
  std::string time;       // RFC 3339, of its last change of anything in this object
  std::string subresource;
};

// All that state exactly this field or, of a map or list, something below it; the one that changed last comes
// first.
std::vector<Owner> owners(const Json& live, const Path& path);

// The managers that state a field by server-side apply as `manager`.
bool owns(const Json& live, const Path& path, const std::string& manager);

}  // namespace msctl::kubernetes
