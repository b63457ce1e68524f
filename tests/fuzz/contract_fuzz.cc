// An OpenAPI document and a recorded exchange, both from arbitrary bytes: the first line that is "---" parts
// them. Whatever they hold, checking ends, findings can be told, and an exchange that was read is written so
// that it is read alike.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "runtime/contract/check.h"
#include "runtime/contract/document.h"
#include "runtime/replay/exchange.h"
#include "tests/fuzz/check.h"

using namespace msctl;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  const std::string mark = "\n---\n";
  std::size_t at = text.find(mark);
  std::string line = at == std::string::npos ? std::string{} : text.substr(at + mark.size());
  text.resize(std::min(text.size(), at));

  std::vector<replay::Exchange> exchanges;
  if (auto exchange = replay::exchange_in(line)) {
    std::string written = replay::to_json(*exchange).dump();
    auto again = replay::exchange_in(written);
    FUZZ_CHECK(again.has_value());
    FUZZ_CHECK(replay::to_json(*again).dump() == written);
    exchanges = {*exchange, *exchange};
  }
  auto document = contract::Document::parse("openapi.yaml", text);
  if (!document) {
    FUZZ_CHECK(!document.error().message.empty());
    return 0;
  }
  contract::Report report = contract::check(*document, exchanges);
  for (const contract::Finding& finding : report.findings) {
    FUZZ_CHECK(!finding.message.empty());
    contract::describe(finding);
    contract::to_json(finding).dump();
  }
  return 0;
}
