// The rate limits' memory, shared by all reactors without a lock: GCRA with one 64-bit word a key.
//
// The word is the theoretical arrival time (TAT): when the bucket would be full again if nothing more came. A
// request passes if TAT - now leaves room for one more interval, and moves TAT on by one interval. A TAT in
// the past means a full bucket, the same as no entry at all, so entries expire by themselves: a slot whose
// TAT is past may be taken by another key, nothing to clean.
//
// Slots lie in sets of eight by the key's hash. When all eight are in use, the one nearest to expiry is taken
// (that key gets a full bucket early): memory is bounded, at the price of an occasional request too many
// among 2^18 keys at once.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

namespace msctl::gateway::filters {

// The outcome of one request against a limit.
struct Admission {
  bool admitted = false;
  std::uint64_t remaining = 0;    // requests that would pass now
  std::uint64_t full_after = 0;   // nanoseconds until the bucket is full again
  std::uint64_t retry_after = 0;  // nanoseconds until one passes; 0 when admitted
};

struct Rate {
  std::uint64_t interval = 0;  // nanoseconds between requests in the long run
  std::uint64_t quota = 0;     // at once
};

class RateTable {
public:
  explicit RateTable(std::size_t slots = std::size_t{1} << 18);  // 16 bytes a slot

  // `key`: a hash; `now`: nanoseconds of one clock for all calls.
  Admission take(std::uint64_t key, Rate rate, std::uint64_t now);

  // A hash that clients cannot foresee (SipHash-2-4 with a random key of this table).
  std::uint64_t hash(std::string_view route, std::string_view kind, std::string_view value) const;

private:
  struct Slot {
    std::atomic<std::uint64_t> key{0};
    std::atomic<std::uint64_t> tat{0};
  };
  static constexpr std::size_t ways = 8;
  Slot& slot_for(std::uint64_t key, std::uint64_t now);

  struct Free {
    void operator()(Slot* slots) const { std::free(slots); }
  };

  // From calloc: pages that no limit has used yet take no memory. A slot of zero bytes is an empty one.
  std::unique_ptr<Slot[], Free> slots_;
  std::size_t sets_;
  std::uint64_t secret_[2];
};

}  // namespace msctl::gateway::filters
