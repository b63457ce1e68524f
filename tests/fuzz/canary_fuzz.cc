// A gateway's file of any bytes with a part of its routes sent elsewhere: either an error, or a file that has
// the routes that it had. And a page of any counters: either an error, or counts that fit each other.
#include <cstddef>
#include <cstdint>
#include <string>

#include "runtime/kubernetes/canary/counters.h"
#include "runtime/kubernetes/canary/weights.h"
#include "tests/fuzz/check.h"

using namespace msctl;
using namespace msctl::kubernetes;

namespace {

const canary::Subject subject{"orders", "orders-canary", {"orders"}};

void split(const std::string& text) {
  const canary::Json config_map{{"apiVersion", "v1"},
                                {"kind", "ConfigMap"},
                                {"metadata", {{"name", "gateway"}}},
                                {"data", {{canary::gateway_file, text}}}};
  auto before = canary::routes_of(config_map);
  auto weighted = canary::with_weights(config_map, {subject}, 25);
  FUZZ_CHECK(before || !weighted);
  if (!weighted) return;
  auto after = canary::routes_of(*weighted);
  FUZZ_CHECK(after);
  FUZZ_CHECK(*before == *after);
  auto again = canary::with_weights(*weighted, {subject}, 0);
  FUZZ_CHECK(again);
}

void count(const std::string& text) {
  auto page = prometheus::parse(text);
  if (!page) return;
  auto both = canary::counters_of(*page, subject);
  if (!both) return;
  for (const analysis::Counts* each : {&both->stable, &both->canary}) {
    FUZZ_CHECK(each->errors <= each->requests);
    FUZZ_CHECK(each->latency.cumulative.size() <= each->latency.bounds.size() + 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  split(text);
  count(text);
  return 0;
}
