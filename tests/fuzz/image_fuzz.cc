// What registries, base images and lock files say: documents, names, challenges, programs. What is read and
// written again is the same thing.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "pipelines/image/layer/elf.h"
#include "pipelines/image/layer/entries.h"
#include "pipelines/image/oci/reference.h"
#include "pipelines/image/oci/types.h"
#include "pipelines/image/registry/challenge.h"
#include "pipelines/image/sbom/packages.h"
#include "runtime/base/base64.h"
#include "tests/fuzz/check.h"

using namespace msctl;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 8) {
    case 0:
      if (auto manifest = image::read_manifest(bytes, "x")) {
        const std::string written = image::write(*manifest);
        auto again = image::read_manifest(written, "x");
        FUZZ_CHECK(again && image::write(*again) == written);
      }
      break;
    case 1:
      if (auto index = image::read_index(bytes, "x")) {
        const std::string written = image::write(*index);
        auto again = image::read_index(written, "x");
        FUZZ_CHECK(again && image::write(*again) == written);
      }
      break;
    case 2:
      if (auto config = image::read_config(bytes, "x"))
        FUZZ_CHECK(image::read_config(image::write(*config), "x"));
      break;
    case 3:
      if (auto reference = image::parse_reference(bytes))
        FUZZ_CHECK(image::parse_reference(reference->text()) == reference);
      break;
    case 4:
      (void)image::parse_challenges(bytes);
      break;
    case 5:
      (void)image::parse_elf(bytes);
      break;
    case 6:
      (void)image::from_go_mod(bytes, "x");
      (void)image::from_package_lock(bytes, "x");
      (void)image::from_requirements(bytes, "x");
      (void)image::from_cargo_lock(bytes, "x");
      break;
    default:
      FUZZ_CHECK(base::from_base64(base::to_base64(bytes)) == bytes);
      break;
  }
  return 0;
}
