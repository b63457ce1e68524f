// What the readers of language.yaml ask of its maps.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/yaml/node.h"

namespace msctl::toolchain {

// Empty where there is no such key.
std::string text_of(const yaml::Node& map, std::string_view key);

// A list of strings, or one string as a list of one.
std::vector<std::string> strings_of(const yaml::Node& map, std::string_view key);

}  // namespace msctl::toolchain
