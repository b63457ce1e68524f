// The values of "format" (JSON Schema Validation 2020-12, section 7.3) that are checked.
#pragma once

#include <string>
#include <string_view>

namespace msctl::contract {

// True also for formats that are not known.
bool has_format(const std::string& value, std::string_view format);

}  // namespace msctl::contract
