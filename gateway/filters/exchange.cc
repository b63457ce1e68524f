#include "gateway/filters/exchange.h"

namespace msctl::gateway::filters {

void Edits::drop_added(std::string_view name) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < added_size_; ++i)
    if (!http1::same_name(added_[i].name, name)) added_[kept++] = added_[i];
  added_size_ = kept;
}

}  // namespace msctl::gateway::filters
