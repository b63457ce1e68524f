#include "gateway/filters/authentication/api_keys.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>

#include "gateway/filters/random.h"

namespace msctl::gateway::filters {
namespace {

// Fetched once; a context for each thread, used again and again, so that hashing allocates nothing.
const EVP_MD* algorithm() {
  static const std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> fetched(
      EVP_MD_fetch(nullptr, "SHA256", nullptr), EVP_MD_free);
  return fetched.get();
}

EVP_MD_CTX* context() {
  thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> own(EVP_MD_CTX_new(),
                                                                                 EVP_MD_CTX_free);
  return own.get();
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = static_cast<char>(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool from_hex(std::string_view text, Digest& digest) {
  if (text.size() != 2 * digest.size()) return false;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    digest[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

// Names go into fields of requests: a control character in one must not end the line.
std::string clean(std::string_view text) {
  std::string out(text);
  std::erase_if(out, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
  return out;
}

std::string joined(const std::vector<std::string>& groups) {
  std::string out;
  for (const std::string& group : groups) {
    if (!out.empty()) out += ',';
    out += clean(group);
  }
  return out;
}

}  // namespace

bool sha256(std::string_view text, Digest& digest) {
  EVP_MD_CTX* own = context();
  return own && algorithm() && EVP_DigestInit_ex2(own, algorithm(), nullptr) == 1 &&
         EVP_DigestUpdate(own, text.data(), text.size()) == 1 &&
         EVP_DigestFinal_ex(own, digest.data(), nullptr) == 1;
}

ApiKeys::ApiKeys(const config::Provider& provider)
    : header_(provider.header),
      challenge_("ApiKey realm=\"" + clean(provider.name) + "\", header=\"" + clean(provider.header) + "\""),
      secret_(Random().next()) {
  for (const config::ApiKey& key : provider.keys) {
    Entry entry;
    if (!from_hex(key.sha256, entry.digest)) continue;  // the configuration's check has told
    entry.name = clean(key.name);
    entry.groups = joined(key.groups);
    entries_.push_back(std::move(entry));
  }
  first_.assign(std::bit_ceil(std::max<std::size_t>(entries_.size(), 1)) + 1, 0);
  std::ranges::stable_sort(entries_, {}, [&](const Entry& entry) { return bucket_of(entry.digest); });
  for (Entry& entry : entries_) {
    entry.consumer = {entry.name, entry.groups};
    ++first_[bucket_of(entry.digest) + 1];
  }
  for (std::size_t i = 1; i < first_.size(); ++i) first_[i] += first_[i - 1];
}

std::size_t ApiKeys::bucket_of(const Digest& digest) const {
  std::uint64_t word = 0;
  std::memcpy(&word, digest.data(), sizeof word);
  word = (word ^ secret_) * 0x9E3779B97F4A7C15;
  return static_cast<std::size_t>(word >> 32) & (first_.size() - 2);
}

const Consumer* ApiKeys::find(std::string_view key) const {
  Digest digest;
  if (!sha256(key, digest)) return nullptr;
  std::size_t bucket = bucket_of(digest);
  const Consumer* found = nullptr;
  for (std::size_t i = first_[bucket]; i < first_[bucket + 1]; ++i)
    if (CRYPTO_memcmp(entries_[i].digest.data(), digest.data(), digest.size()) == 0)
      found = &entries_[i].consumer;
  return found;
}

ApiKeys::Result ApiKeys::check(const http1::Fields& fields, const Consumer*& consumer) const {
  const http1::Field* presented = nullptr;
  for (const http1::Field& field : fields) {
    if (!http1::same_name(field.name, header_)) continue;
    if (presented) return Result::wrong;
    presented = &field;
  }
  if (!presented) return Result::absent;
  const Consumer* found = presented->value.empty() ? nullptr : find(presented->value);
  if (!found) return Result::wrong;
  consumer = found;
  return Result::right;
}

}  // namespace msctl::gateway::filters
