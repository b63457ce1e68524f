// Waiting for time to pass, as whoever holds the lock may: it ends when somebody wants it to, or when the
// lock is not ours any more.
#pragma once

#include <functional>

#include "runtime/base/clock.h"
#include "runtime/base/error.h"

namespace msctl::kubernetes::deploy {

struct Pace {
  const base::Clock& clock;
  std::function<void(base::Duration)> sleep;
  std::function<bool()> interrupted;               // may be empty
  std::function<base::Result<void>()> still_ours;  // Errors: lockLost

  // Errors: interrupted, lockLost.
  base::Result<void> check() const;
  // The same; returns at once where it is later already.
  base::Result<void> rest_until(base::Instant end) const;
};

}  // namespace msctl::kubernetes::deploy
