#include "gateway/server/timer_wheel.h"

#include <algorithm>
#include <bit>

namespace msctl::gateway::server {

void Timer::unlink() {
  if (previous_ == nullptr) return;
  *previous_ = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
  previous_ = nullptr;
  next_ = nullptr;
}

TimerWheel::~TimerWheel() {
  for (auto& level : slot_)
    for (Timer*& first : level)
      while (first != nullptr) first->cancel();
}

std::uint64_t TimerWheel::tick_of(base::Instant when) const {
  return when <= start_ ? 0 : static_cast<std::uint64_t>((when - start_) / tick);
}

void TimerWheel::set(Timer& timer, base::Instant now, base::Duration after) {
  // Rounded up, and one more since `now` lies somewhere within its tick.
  timer.deadline_ = std::max(tick_of(now + after + tick - base::Duration{1}), current_ + 1);
  timer.wheel_ = this;
  if (timer.previous_ != nullptr && timer.hung_ <= timer.deadline_)
    return;  // lazy: found early, hung up again
  timer.unlink();
  hang(timer);
}

void TimerWheel::hang(Timer& timer) {
  // The last level takes what lies beyond its span into its furthest slot; it is hung up again from there.
  std::uint64_t furthest = (std::uint64_t{1} << (bits * levels)) - 1;
  timer.hung_ = std::min(timer.deadline_, current_ + furthest);
  std::uint64_t distance = timer.hung_ ^ current_;
  int level = distance == 0 ? 0 : (static_cast<int>(std::bit_width(distance)) - 1) / bits;
  level = std::min(level, levels - 1);
  std::uint64_t slot = (timer.hung_ >> (bits * level)) & (slots - 1);
  Timer*& first = slot_[static_cast<std::size_t>(level)][slot];
  timer.next_ = first;
  if (first != nullptr) first->previous_ = &timer.next_;
  first = &timer;
  timer.previous_ = &first;
  used_[static_cast<std::size_t>(level)] |= std::uint64_t{1} << slot;
}

void TimerWheel::run_slot(int level, std::uint64_t slot) {
  auto l = static_cast<std::size_t>(level);
  used_[l] &= ~(std::uint64_t{1} << slot);
  // Detach the whole list first: callbacks may hang new timers into the same slot.
  Timer* list = slot_[l][slot];
  slot_[l][slot] = nullptr;
  if (list != nullptr) list->previous_ = &list;
  while (list != nullptr) {
    Timer& timer = *list;
    timer.unlink();
    if (timer.deadline_ > current_) {
      hang(timer);
    } else if (timer.deadline_ != 0) {
      timer.deadline_ = 0;
      timer.callback_(timer.owner_);
    }
  }
}

std::optional<std::uint64_t> TimerWheel::next_tick() const {
  std::optional<std::uint64_t> nearest;
  for (int level = 0; level < levels; ++level) {
    auto l = static_cast<std::size_t>(level);
    int shift = bits * level;
    std::uint64_t position = (current_ >> shift) & (slots - 1);
    while (used_[l] != 0) {
      // Slots after the current position come first, then (only on the last level) those of the next turn.
      std::uint64_t rotated = std::rotr(used_[l], static_cast<int>((position + 1) & (slots - 1)));
      auto ahead = static_cast<std::uint64_t>(std::countr_zero(rotated)) + 1;
      std::uint64_t slot = (position + ahead) & (slots - 1);
      if (slot_[l][slot] == nullptr) {  // all cancelled meanwhile
        used_[l] &= ~(std::uint64_t{1} << slot);
        continue;
      }
      std::uint64_t due = ((current_ >> shift) + ahead) << shift;
      if (!nearest || due < *nearest) nearest = due;
      break;
    }
  }
  return nearest;
}

void TimerWheel::advance(base::Instant now) {
  std::uint64_t target = tick_of(now);
  while (current_ < target) {
    auto due = next_tick();
    if (!due || *due > target) {
      current_ = target;
      return;
    }
    current_ = *due;
    // From the top, so that what moves down a level is found there in the same turn.
    for (int level = levels - 1; level >= 0; --level) {
      int shift = bits * level;
      if (level > 0 && (current_ & ((std::uint64_t{1} << shift) - 1)) != 0) continue;
      std::uint64_t slot = (current_ >> shift) & (slots - 1);
      if ((used_[static_cast<std::size_t>(level)] >> slot & 1) != 0) run_slot(level, slot);
    }
  }
}

std::optional<base::Duration> TimerWheel::next(base::Instant now) const {
  auto due = next_tick();
  if (!due) return std::nullopt;
  base::Instant when = start_ + tick * static_cast<std::int64_t>(*due);
  return when <= now ? base::Duration{0} : when - now;
}

}  // namespace msctl::gateway::server
