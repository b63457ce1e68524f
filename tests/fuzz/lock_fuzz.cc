// msctl.lock, which comes with a repository: anybody may have written it. What is read is written again as
// the same, and no path of it leads out of the workspace.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/generated/lock.h"
#include "tests/fuzz/check.h"

using namespace msctl;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  auto lock = generated::parse_lock(bytes);
  if (!lock) return 0;
  for (const auto& [path, locked] : *lock) {
    FUZZ_CHECK(!path.empty() && path.front() != '/');
    FUZZ_CHECK(("/" + path + "/").find("/../") == std::string::npos);
    FUZZ_CHECK(("/" + path + "/").find("/.git/") == std::string::npos);
  }
  const std::string written = generated::write_lock(*lock);
  auto again = generated::parse_lock(written);
  FUZZ_CHECK(again && *again == *lock);
  FUZZ_CHECK(generated::write_lock(*again) == written);
  return 0;
}
