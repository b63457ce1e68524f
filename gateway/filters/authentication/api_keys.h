// The keys of one provider, as SHA-256 digests, and the search for one.
//
// What a client learns from the time that a search takes: nothing that it can use. The presented key is
// hashed first, so that whatever the search compares is a digest, which the client cannot choose. The digest
// picks a bucket by way of a secret of this process, and entries there are compared in constant time, all of
// them, hit or miss.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/config/types.h"
#include "gateway/filters/exchange.h"

namespace msctl::gateway::filters {

using Digest = std::array<std::uint8_t, 32>;

// False only when the library fails, which counts as a wrong key.
bool sha256(std::string_view text, Digest& digest);

class ApiKeys {
public:
  explicit ApiKeys(const config::Provider& provider);

  enum class Result : std::uint8_t { absent, wrong, right };
  // Looks at the provider's field. More than one such field is wrong. `consumer` is set when right.
  Result check(const http1::Fields& fields, const Consumer*& consumer) const;

  const std::string& header() const { return header_; }
  std::string_view challenge() const { return challenge_; }  // for WWW-Authenticate

private:
  struct Entry {
    Digest digest{};
    std::string name, groups;
    Consumer consumer;
  };
  std::size_t bucket_of(const Digest& digest) const;
  const Consumer* find(std::string_view key) const;

  std::string header_, challenge_;
  std::vector<Entry> entries_;        // by bucket
  std::vector<std::uint32_t> first_;  // of each bucket; one more at the end
  std::uint64_t secret_ = 0;
};

}  // namespace msctl::gateway::filters
