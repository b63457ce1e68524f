// The service's own description, openapi.yaml, as it was when the program was built.
#pragma once

#include <string_view>

namespace app {

extern const std::string_view openapi;

}  // namespace app
