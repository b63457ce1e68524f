// Random numbers for ids (xoshiro256**): one for each reactor, seeded from the kernel. Not for secrets.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace msctl::gateway::filters {

class Random {
public:
  Random();                             // from getrandom(2)
  explicit Random(std::uint64_t seed);  // the same numbers each time, for tests
  std::uint64_t next() {
    std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0], state_[3] ^= state_[1], state_[1] ^= state_[2], state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

private:
  std::array<std::uint64_t, 4> state_;
};

}  // namespace msctl::gateway::filters
