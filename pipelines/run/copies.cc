#include "pipelines/run/copies.h"

#include <optional>
#include <utility>

namespace msctl::pipeline {

base::Result<WorkingCopy> Copies::take() {
  std::optional<WorkingCopy> spare;
  {
    const std::lock_guard lock(mutex_);
    if (!spare_.empty()) {
      spare.emplace(std::move(spare_.back()));
      spare_.pop_back();
    }
  }
  // One that cannot be cleaned is given up.
  if (spare && spare->clean(repository_, files_)) return *std::move(spare);
  return WorkingCopy::make(parent_, repository_, files_);
}

void Copies::give_back(WorkingCopy copy) {
  const std::lock_guard lock(mutex_);
  spare_.push_back(std::move(copy));
}

}  // namespace msctl::pipeline
