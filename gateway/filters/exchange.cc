#include "gateway/filters/exchange.h"

#include <algorithm>

namespace msctl::gateway::filters {

bool Edits::has_added(std::string_view name) const {
  return std::any_of(begin(), end(), [&](const Header& each) { return http1::same_name(each.name, name); });
}

void Edits::drop_added(std::string_view name) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < added_size_; ++i)
    if (!http1::same_name(added_[i].name, name)) added_[kept++] = added_[i];
  added_size_ = kept;
}

}  // namespace msctl::gateway::filters
