// A result that is kept: what the steps printed and reported when they passed. What did not pass is not kept.
//
// An entry says what it is an entry of, and ends in its digest, so that one that was cut off, changed or put
// under another key is not taken. With a signing key the digest is an HMAC: then nobody without it can write
// an entry that is taken, whoever may write to the shared cache.
#pragma once

#include <string>
#include <string_view>

#include "runtime/base/clock.h"
#include "runtime/base/error.h"

namespace msctl::cache {

struct Entry {
  std::string output;  // of all steps, as it came
  std::string cases;   // <testcase> elements of the service's own runner
  base::Duration took{};
};

std::string write_entry(const Entry& entry, std::string_view key, std::string_view signing_key);

// Errors: badEntry, with what is wrong.
base::Result<Entry> read_entry(std::string_view bytes, std::string_view key, std::string_view signing_key);

}  // namespace msctl::cache
