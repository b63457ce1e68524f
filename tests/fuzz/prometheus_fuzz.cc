// A page of metrics of any bytes: either an error with a line, or samples that, written again, are read as
// the same.
#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include "runtime/prometheus/text.h"
#include "tests/fuzz/check.h"

using namespace msctl;

namespace {

std::string written(const prometheus::Sample& sample) {
  std::string out = sample.name + "{";
  for (const auto& [name, value] : sample.labels) {
    out += name + "=\"";
    for (char c : value) {
      if (c == '\\' || c == '"') out += '\\';
      if (c == '\n')
        out += "\\n";
      else
        out += c;
    }
    out += "\",";
  }
  const double value = sample.value;
  return out + "} " +
         (std::isnan(value)   ? "NaN"
          : std::isinf(value) ? (value > 0 ? "+Inf" : "-Inf")
                              : fmt::format("{}", value)) +
         "\n";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string page(reinterpret_cast<const char*>(data), size);
  auto read = prometheus::parse(page);
  if (!read) {
    FUZZ_CHECK(!read.error().message.empty());
    return 0;
  }
  std::string again;
  for (const prometheus::Sample& sample : *read) again += written(sample);
  auto twice = prometheus::parse(again);
  FUZZ_CHECK(twice);
  FUZZ_CHECK(twice->size() == read->size());
  for (std::size_t i = 0; i < read->size(); ++i) {
    FUZZ_CHECK(twice->at(i).name == read->at(i).name);
    FUZZ_CHECK(twice->at(i).labels == read->at(i).labels);
    FUZZ_CHECK(twice->at(i).value == read->at(i).value || std::isnan(read->at(i).value));
  }
  return 0;
}
