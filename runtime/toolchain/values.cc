#include "runtime/toolchain/values.h"

namespace msctl::toolchain {

std::string text_of(const yaml::Node& map, std::string_view key) {
  const yaml::Node* value = map.find(key);
  return value != nullptr ? value->scalar : std::string{};
}

std::vector<std::string> strings_of(const yaml::Node& map, std::string_view key) {
  std::vector<std::string> out;
  const yaml::Node* value = map.find(key);
  if (value == nullptr) return out;
  if (value->is_scalar()) out.push_back(value->scalar);
  for (const yaml::Node& item : value->items) out.push_back(item.scalar);
  return out;
}

}  // namespace msctl::toolchain
