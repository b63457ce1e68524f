// SHA-256 (FIPS 180-4), in hex.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace msctl::digest {

class Sha256 {
public:
  Sha256();
  void add(std::string_view bytes);
  std::string hex();  // 64 digits; ends it

private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

std::string sha256(std::string_view bytes);

// RFC 2104.
std::string hmac_sha256(std::string_view key, std::string_view bytes);

// In a time that does not depend on where the two differ.
bool same(std::string_view one, std::string_view other);

}  // namespace msctl::digest
