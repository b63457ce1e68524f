// The index of a repository, which may be broken, or somebody else's. What was read is in order and within
// the bytes.
#include <cstddef>
#include <cstdint>
#include <string>

#include "runtime/git/index_file.h"
#include "tests/fuzz/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto index = msctl::git::parse_index(std::string(reinterpret_cast<const char*>(data), size));
  if (!index) {
    FUZZ_CHECK(!index.error().message.empty());
    return 0;
  }
  std::string_view previous;
  for (const auto& entry : index->entries) {
    FUZZ_CHECK(!entry.path.empty() && entry.path.front() != '/' && previous <= entry.path);
    previous = entry.path;
  }
  return 0;
}
