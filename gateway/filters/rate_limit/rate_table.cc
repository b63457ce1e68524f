#include "gateway/filters/rate_limit/rate_table.h"

#include <sys/random.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "gateway/filters/random.h"

namespace msctl::gateway::filters {
namespace {

// SipHash-2-4 (Aumasson and Bernstein), over several pieces as if they were one text.
class SipHash {
public:
  explicit SipHash(const std::uint64_t (&key)[2])
      : v0_(0x736f6d6570736575 ^ key[0]),
        v1_(0x646f72616e646f6d ^ key[1]),
        v2_(0x6c7967656e657261 ^ key[0]),
        v3_(0x7465646279746573 ^ key[1]) {}
  void add(std::string_view text) {
    for (char c : text) {
      tail_ |= static_cast<std::uint64_t>(static_cast<unsigned char>(c)) << (8 * (size_ % 8));
      if (++size_ % 8 == 0) compress(tail_), tail_ = 0;
    }
  }
  std::uint64_t finish() {
    compress(tail_ | (size_ << 56));
    v2_ ^= 0xFF;
    for (int i = 0; i < 4; ++i) round();
    return v0_ ^ v1_ ^ v2_ ^ v3_;
  }

private:
  void compress(std::uint64_t word) {
    v3_ ^= word;
    round(), round();
    v0_ ^= word;
  }
  void round() {
    v0_ += v1_, v1_ = std::rotl(v1_, 13), v1_ ^= v0_, v0_ = std::rotl(v0_, 32);
    v2_ += v3_, v3_ = std::rotl(v3_, 16), v3_ ^= v2_;
    v0_ += v3_, v3_ = std::rotl(v3_, 21), v3_ ^= v0_;
    v2_ += v1_, v1_ = std::rotl(v1_, 17), v1_ ^= v2_, v2_ = std::rotl(v2_, 32);
  }
  std::uint64_t v0_, v1_, v2_, v3_, tail_ = 0, size_ = 0;
};

// TAT after one more request, and what it leaves; nothing changes when it is refused.
Admission judge(std::uint64_t tat, Rate rate, std::uint64_t now, std::uint64_t& next) {
  std::uint64_t full = rate.interval * rate.quota;  // the bucket's size in time
  std::uint64_t base = std::max(tat, now);
  next = base + rate.interval;
  Admission admission;
  std::uint64_t used = next - now;
  if (used > full) {
    admission.full_after = base - now;
    admission.retry_after = used - full;
    return admission;
  }
  admission.admitted = true;
  admission.remaining = (full - used) / rate.interval;
  admission.full_after = used;
  return admission;
}

}  // namespace

RateTable::RateTable(std::size_t slots) : sets_(std::bit_ceil(std::max<std::size_t>(slots, ways)) / ways) {
  static_assert(std::is_trivially_destructible_v<Slot> && std::atomic<std::uint64_t>::is_always_lock_free);
  slots_.reset(static_cast<Slot*>(std::calloc(sets_ * ways, sizeof(Slot))));
  if (!slots_) throw std::bad_alloc();
  Random random;
  secret_[0] = random.next(), secret_[1] = random.next();
}

std::uint64_t RateTable::hash(std::string_view route, std::string_view kind, std::string_view value) const {
  SipHash hash(secret_);
  // Lengths in front, so that no two triples make one text.
  for (std::string_view part : {route, kind, value}) {
    std::uint64_t size = part.size();
    char bytes[8];
    std::memcpy(bytes, &size, sizeof bytes);
    hash.add({bytes, sizeof bytes});
    hash.add(part);
  }
  return hash.finish();
}

// The key's slot; one that is free or expired, or the one nearest to it, if the key has none. Two threads
// that take a slot at once may count one request for the other's key: less than what a limit is exact to.
RateTable::Slot& RateTable::slot_for(std::uint64_t key, std::uint64_t now) {
  Slot* set = &slots_[(key % sets_) * ways];
  Slot* oldest = set;
  std::uint64_t oldest_tat = ~std::uint64_t{0};
  for (Slot* slot = set; slot < set + ways; ++slot) {
    if (slot->key.load(std::memory_order_acquire) == key) return *slot;
    std::uint64_t tat = slot->tat.load(std::memory_order_relaxed);
    if (tat < oldest_tat) oldest = slot, oldest_tat = tat;
  }
  std::uint64_t other = oldest->key.load(std::memory_order_relaxed);
  if (other == key) return *oldest;
  if (!oldest->key.compare_exchange_strong(other, key, std::memory_order_acq_rel)) {
    // Another thread took it just now: for this key, or look again.
    return other == key ? *oldest : slot_for(key, now);
  }
  if (oldest_tat > now) oldest->tat.store(now, std::memory_order_relaxed);
  return *oldest;
}

Admission RateTable::take(std::uint64_t key, Rate rate, std::uint64_t now) {
  std::atomic<std::uint64_t>& word = slot_for(key == 0 ? 1 : key, now).tat;
  std::uint64_t tat = word.load(std::memory_order_relaxed);
  while (true) {
    std::uint64_t next = 0;
    Admission admission = judge(tat, rate, now, next);
    if (!admission.admitted || word.compare_exchange_weak(tat, next, std::memory_order_relaxed))
      return admission;
  }
}

}  // namespace msctl::gateway::filters
