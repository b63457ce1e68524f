#include "gateway/filters/random.h"

#include <sys/random.h>

#include <chrono>

namespace msctl::gateway::filters {
namespace {

// splitmix64, which the generator's authors name for seeding it.
std::uint64_t mix(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9E3779B97F4A7C15);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

}  // namespace

Random::Random(std::uint64_t seed) {
  for (std::uint64_t& word : state_) word = mix(seed);
}

Random::Random() {
  if (getrandom(state_.data(), sizeof state_, 0) == static_cast<ssize_t>(sizeof state_)) return;
  // Only on kernels without the call.
  auto seed = static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  for (std::uint64_t& word : state_) word = mix(seed);
}

}  // namespace msctl::gateway::filters
