// The files of a workspace from arbitrary bytes: reading, merging, interpolating, validating, decoding.
// Whatever they hold, the result is a model or errors with a code and a place within the text.
#include <cstddef>
#include <cstdint>
#include <string>

#include "gateway/config/decode.h"
#include "runtime/base/yaml/node.h"
#include "runtime/workspace/decode.h"
#include "runtime/workspace/schema.h"
#include "runtime/workspace/variables.h"
#include "tests/fuzz/check.h"

using namespace msctl;

namespace {

void expect_places(const base::Errors& errors) {
  for (const base::Error& error : errors) {
    FUZZ_CHECK(!error.message.empty());
    FUZZ_CHECK(!base::to_text(error).empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  yaml::Document document = yaml::parse("service.yaml", text);
  base::Errors errors = document.errors;
  workspace::interpolate(
      document.root, [](const std::string&) { return std::optional<std::string>("x"); }, errors);
  yaml::Node merged = document.root;
  yaml::merge(merged, document.root);
  if (errors.empty()) schema::validate(merged, *workspace::service_schema({"go"}), errors);
  if (errors.empty()) workspace::decode_service(merged, "local", errors);
  expect_places(errors);

  auto config = gateway::config::load_text(text, "gateway.yaml", "/nonexistent");
  if (!config) {
    FUZZ_CHECK(!config.error().empty());
    expect_places(config.error());
  }
  workspace::parse_dotenv(text);
  return 0;
}
