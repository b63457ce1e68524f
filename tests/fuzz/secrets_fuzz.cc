// What sops opens, of any bytes: either all values that are wanted and no others, or errors.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "runtime/secrets/sops/sops.h"
#include "tests/fuzz/check.h"

using namespace msctl::secrets;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<Wanted> wanted{{"orders", {"KEY", "PORT"}}, {"users", {"KEY"}}};
  const auto values = values_of({reinterpret_cast<const char*>(data), size}, wanted, "secrets.yaml");
  if (!values) {
    FUZZ_CHECK(!values.error().empty() && values.error().size() <= 3);
    return 0;
  }
  FUZZ_CHECK(values->size() == 2);
  FUZZ_CHECK(values->at("orders").size() == 2 && values->at("users").size() == 1);
  return 0;
}
