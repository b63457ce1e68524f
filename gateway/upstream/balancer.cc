#include "gateway/upstream/balancer.h"

namespace msctl::gateway::upstream {
namespace {

bool avoided(const Endpoint& endpoint, base::Instant now) {
  std::int64_t until = endpoint.avoided_until.load(std::memory_order_relaxed);
  return until != 0 && now.time_since_epoch().count() < until;
}

std::uint32_t load(const Endpoint& endpoint) {
  return endpoint.in_flight.load(std::memory_order_relaxed);
}

// When a drawn one may not be used: the least busy of those that may, looked for one by one.
int search(std::span<Endpoint* const> endpoints, base::Instant now, const Endpoint* except) {
  int best = -1;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    const Endpoint& each = *endpoints[i];
    if (&each == except || avoided(each, now)) continue;
    if (best < 0 || load(each) < load(*endpoints[static_cast<std::size_t>(best)])) best = static_cast<int>(i);
  }
  return best;
}

}  // namespace

std::uint32_t Random::below(std::uint32_t limit) {
  state_ ^= state_ >> 12;
  state_ ^= state_ << 25;
  state_ ^= state_ >> 27;
  std::uint64_t high = (state_ * 0x2545F4914F6CDD1DULL) >> 32;
  return static_cast<std::uint32_t>((high * limit) >> 32);
}

int pick(std::span<Endpoint* const> endpoints, Random& random, base::Instant now, const Endpoint* except) {
  auto count = static_cast<std::uint32_t>(endpoints.size());
  if (count == 0) return -1;
  if (count == 1) return 0;
  std::uint32_t first = random.below(count);
  std::uint32_t second = random.below(count - 1);
  if (second >= first) ++second;
  const Endpoint& a = *endpoints[first];
  const Endpoint& b = *endpoints[second];
  bool a_fits = &a != except && !avoided(a, now);
  bool b_fits = &b != except && !avoided(b, now);
  if (a_fits && b_fits) return static_cast<int>(load(b) < load(a) ? second : first);
  if (a_fits || b_fits) return static_cast<int>(a_fits ? first : second);
  if (int found = search(endpoints, now, except); found >= 0) return found;
  // All are avoided: any but the one that has just failed.
  return static_cast<int>(&a != except ? first : second);
}

int pick_by_turns(std::span<Endpoint* const> endpoints, base::Instant now, const Endpoint* except) {
  static std::atomic<std::uint64_t> turns{0};
  for (;;) {
    int best = -1;
    bool best_fits = false;
    std::uint64_t best_turn = 0;
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
      const Endpoint& each = *endpoints[i];
      bool fits = &each != except && !avoided(each, now);
      std::uint64_t turn = each.turn.load(std::memory_order_relaxed);
      if (best >= 0 && (fits == best_fits ? turn >= best_turn : best_fits)) continue;
      best = static_cast<int>(i);
      best_fits = fits;
      best_turn = turn;
    }
    if (best < 0) return -1;
    // Another thread may have chosen the same one in the meantime.
    if (endpoints[static_cast<std::size_t>(best)]->turn.compare_exchange_weak(best_turn, ++turns))
      return best;
  }
}

void avoid(Endpoint& endpoint, base::Instant now) {
  auto until = now + std::chrono::seconds{1};
  endpoint.avoided_until.store(until.time_since_epoch().count(), std::memory_order_relaxed);
}

}  // namespace msctl::gateway::upstream
