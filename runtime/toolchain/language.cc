#include "runtime/toolchain/language.h"

#include <algorithm>

namespace msctl::toolchain {

const Language* Languages::find(std::string_view name) const {
  auto found = std::ranges::find(all_, name, &Language::name);
  return found == all_.end() ? nullptr : &*found;
}

std::vector<std::string> Languages::names() const {
  std::vector<std::string> out;
  for (const Language& language : all_) out.push_back(language.name);
  return out;
}

}  // namespace msctl::toolchain
