// Entries of a shared cache, which anybody may have written. What is taken without a signing key is exactly
// what would be written.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "pipelines/cache/entry.h"
#include "pipelines/cache/fields.h"
#include "runtime/digest/digest.h"
#include "tests/fuzz/check.h"

using namespace msctl;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (auto fields = cache::read_fields(bytes)) FUZZ_CHECK(cache::write_fields(*fields) == bytes);
  const std::string key(64, '0');
  FUZZ_CHECK(!cache::read_entry(bytes, key, "a key that nobody knows"));
  // With a digest that fits, so that what is behind it is reached.
  const std::string fitting = "msctl-result 1\n" + digest::sha256(bytes) + "\n" + std::string(bytes);
  if (auto entry = cache::read_entry(fitting, key, ""))
    FUZZ_CHECK(cache::read_entry(cache::write_entry(*entry, key, ""), key, ""));
  return 0;
}
