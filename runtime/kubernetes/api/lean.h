// Reading what the server says, with or without what most do not look at.
#pragma once

#include <nlohmann/json.hpp>

#include <string_view>

namespace msctl::kubernetes::api {

// Discarded where it is no JSON. `lean`: without any managedFields, which are never built, since they take as
// much room and time as the rest of an object.
nlohmann::json parse(std::string_view text, bool lean);

}  // namespace msctl::kubernetes::api
