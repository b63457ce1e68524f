// Which replica takes the next request: the less busy of two drawn at random ("power of two choices",
// Mitzenmacher 2001). Comparing all of them would send every thread to the same one at the same moment; one
// at random ignores load; two choices come close to the best at a constant price.
#pragma once

#include <cstdint>
#include <span>

#include "gateway/upstream/endpoint.h"

namespace msctl::gateway::upstream {

// xorshift64*: for spreading load, not for secrets.
class Random {
public:
  explicit Random(std::uint64_t seed) : state_(seed | 1) {}
  std::uint32_t below(std::uint32_t limit);

private:
  std::uint64_t state_;
};

// The index of the endpoint to use; -1 if there is none. Not `except` (the one that has just failed) unless
// it is the only one; and those avoided since a failed connect only when all are.
int pick(std::span<Endpoint* const> endpoints, Random& random, base::Instant now,
         const Endpoint* except = nullptr);

// The one that was not chosen for the longest time, by any thread: never the last one while there is another.
// The same meaning of `except` and of those avoided.
int pick_by_turns(std::span<Endpoint* const> endpoints, base::Instant now, const Endpoint* except = nullptr);

// Passes over the endpoint for a second.
void avoid(Endpoint& endpoint, base::Instant now);

}  // namespace msctl::gateway::upstream
