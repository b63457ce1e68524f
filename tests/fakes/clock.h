// A clock that stands still until a test moves it.
#pragma once

#include "runtime/base/clock.h"

namespace msctl::fakes {

class FakeClock final : public base::Clock {
public:
  base::Instant now() const override { return base::Instant{} + elapsed_; }
  base::WallTime wall() const override {
    return base::WallTime{std::chrono::seconds{1'700'000'000}} +
           std::chrono::duration_cast<base::WallTime::duration>(elapsed_);
  }
  void advance(base::Duration by) { elapsed_ += by; }

private:
  base::Duration elapsed_{};
};

}  // namespace msctl::fakes
