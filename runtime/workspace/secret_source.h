// `secrets:` of an environment: where the values of its services' secrets come from.
#pragma once

#include "runtime/base/error.h"
#include "runtime/base/schema/schema.h"
#include "runtime/base/yaml/node.h"
#include "runtime/workspace/types.h"

namespace msctl::workspace {

schema::TypePtr secret_source_type();

// `node`: fits the type. Errors: badSecretSource.
SecretSource decode_secret_source(const yaml::Node& node, base::Errors& errors);

}  // namespace msctl::workspace
