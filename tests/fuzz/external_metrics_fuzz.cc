// What an API server asks the adapter for, what another gateway tells of its traffic, and the ConfigMap that
// says whom to believe: whatever they hold, there is an answer that is JSON, and no number that is none.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "gateway/traffic/document.h"
#include "runtime/kubernetes/external_metrics/answer.h"
#include "runtime/kubernetes/external_metrics/certificate.h"
#include "runtime/kubernetes/external_metrics/front_proxy.h"
#include "tests/fuzz/check.h"

using namespace msctl;
using namespace msctl::kubernetes::external_metrics;

namespace {

bool is_name(const std::string& text) {
  return !text.empty() && text.size() <= 63 && text.find_first_of("/.%:") == std::string::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const base::SystemClock clock;
  // A path, a line break, and the query.
  const std::size_t line = std::min(text.find('\n'), text.size());
  auto sum = [](const Query& query) -> base::Result<Sum> {
    // They become a host that is asked.
    FUZZ_CHECK(is_name(query.space) && is_name(query.workspace) && is_name(query.service));
    return Sum{};
  };
  const Answer out = answer(std::string_view(text).substr(0, line),
                            std::string_view(text).substr(std::min(line + 1, size)), sum, clock);
  FUZZ_CHECK(out.type != "application/json" || nlohmann::json::accept(out.body));
  FUZZ_CHECK(out.status == 200 || out.status == 400 || out.status == 404);

  if (auto told = gateway::traffic::from_json(text)) {
    FUZZ_CHECK(std::isfinite(told->seconds));
    gateway::traffic::Flow all;
    for (const auto& [name, flow] : told->upstreams) all.add(flow);
    FUZZ_CHECK(std::isfinite(all.per_second) && all.quantile(0.95) >= 0 &&
               all.quantile(0.95) <= gateway::traffic::bounds.back());
    FUZZ_CHECK(gateway::traffic::from_json(to_json(*told)).has_value());
  }
  if (const auto map = nlohmann::json::parse(text, nullptr, false); map.is_object())
    if (const auto proxy = front_proxy_of(map)) FUZZ_CHECK(!proxy->authorities.empty());
  FUZZ_CHECK(!unfit({text, text, text}, {"a"}, clock.wall()).empty());
  return 0;
}
