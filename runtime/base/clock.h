// Time behind an interface, so that tests move it by hand (tests/fakes/clock.h).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace msctl::base {

using Duration = std::chrono::nanoseconds;
using Instant = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;

class Clock {
public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;    // for intervals and deadlines
  virtual WallTime wall() const = 0;  // for records that people read
};

class SystemClock final : public Clock {
public:
  Instant now() const override { return std::chrono::steady_clock::now(); }
  WallTime wall() const override { return std::chrono::system_clock::now(); }
};

// RFC 3339, UTC, milliseconds: "2026-01-31T12:00:00.123Z".
std::string to_rfc3339(WallTime time);

// The same with or without a fraction, with 'Z' or an offset; years 1700 to 2250, which the clock can hold.
std::optional<WallTime> parse_rfc3339(std::string_view text);

}  // namespace msctl::base
