#include "runtime/kubernetes/deploy/pace.h"

#include <algorithm>

#include "runtime/kubernetes/deploy/rollout.h"

namespace msctl::kubernetes::deploy {

base::Result<void> Pace::check() const {
  if (interrupted && interrupted()) return std::unexpected(interruption());
  return still_ours();
}

base::Result<void> Pace::rest_until(base::Instant end) const {
  constexpr base::Duration a_moment = std::chrono::milliseconds(200);
  for (;;) {
    if (auto goes_on = check(); !goes_on) return goes_on;
    const base::Instant now = clock.now();
    if (now >= end) return {};
    sleep(std::min<base::Duration>(a_moment, end - now));
  }
}

}  // namespace msctl::kubernetes::deploy
