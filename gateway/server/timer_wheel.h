// Many deadlines, nearly all of which never come: idle time-outs, header and body deadlines, connect
// time-outs.
//
// Problem: each request moves several deadlines, so setting one must cost next to nothing. A hierarchical
// wheel (Varghese and Lauck, 1987): four levels of 64 slots over ticks of 8 ms reach 37 hours. A timer hangs
// in the slot of its deadline on the lowest level whose span holds it, and moves down as time passes; a
// bitmap a level finds the next slot in use. Setting, moving and cancelling are a few stores.
//
// On top of that a timer is lazy: moving its deadline *later* only stores the new time, and the timer, found
// early in its old slot, is hung up again. In steady traffic (5 s for the answer, 75 s for the next request,
// 5 s again) nothing is relinked.
//
// A deadline is never early, and late by at most one tick plus the time that the reactor takes for a round.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "runtime/base/clock.h"

namespace msctl::gateway::server {

class TimerWheel;

// Belongs to one wheel at a time. Destroying it cancels it.
class Timer {
public:
  using Callback = void (*)(void* owner);
  Timer(void* owner, Callback callback) : owner_(owner), callback_(callback) {}
  ~Timer() { cancel(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  bool armed() const { return deadline_ != 0; }
  void cancel() {
    deadline_ = 0;
    unlink();
  }

private:
  friend class TimerWheel;
  void unlink();

  Timer* next_ = nullptr;
  Timer** previous_ = nullptr;  // the pointer that points here; null when not in a slot
  std::uint64_t deadline_ = 0;  // tick at which it is due; 0: not armed
  std::uint64_t hung_ = 0;      // tick under which it hangs in the wheel, at most deadline_
  TimerWheel* wheel_ = nullptr;
  void* owner_;
  Callback callback_;
};

class TimerWheel {
public:
  static constexpr base::Duration tick = std::chrono::milliseconds{8};

  explicit TimerWheel(base::Instant now) : start_(now) {}
  ~TimerWheel();
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;

  // Due `after` from `now`; replaces an earlier deadline of this timer.
  void set(Timer& timer, base::Instant now, base::Duration after);

  // Calls what is due. Callbacks may set and cancel any timer.
  void advance(base::Instant now);

  // How long from `now` until advance() has work (an upper level's slot to be moved down counts); nothing if
  // there is no timer.
  std::optional<base::Duration> next(base::Instant now) const;

private:
  static constexpr int levels = 4;
  static constexpr int bits = 6;
  static constexpr std::uint64_t slots = 1U << bits;

  std::uint64_t tick_of(base::Instant when) const;
  void hang(Timer& timer);
  void run_slot(int level, std::uint64_t slot);
  std::optional<std::uint64_t> next_tick() const;

  friend class Timer;
  base::Instant start_;
  std::uint64_t current_ = 0;                         // every tick up to this one has been worked off
  mutable std::array<std::uint64_t, levels> used_{};  // bit set: the slot may hold a timer
  std::array<std::array<Timer*, slots>, levels> slot_{};
};

}  // namespace msctl::gateway::server
