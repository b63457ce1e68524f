#include "runtime/kubernetes/judge/warnings.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "runtime/kubernetes/judge/fields.h"
#include "runtime/kubernetes/judge/pod.h"

namespace msctl::kubernetes::judge {
namespace {

// As long as an API server keeps them, unless it is told otherwise (--event-ttl).
constexpr std::chrono::hours lately{1};
constexpr std::size_t most = 5;

std::string about(const Json& event) {
  return fmt::format("{}/{}", text(event, "involvedObject.kind"), text(event, "involvedObject.name"));
}

}  // namespace

std::vector<release::Warning> warnings_of(const Subject& subject, base::WallTime now) {
  struct Told {
    base::WallTime last;
    release::Warning warning;
  };
  // By what is said: of which of several replicas tells the least.
  std::map<std::pair<std::string, std::string>, Told> all;
  for (const Json* object : subject.events) {
    if (text(*object, "type") != "Warning") continue;
    const explain::Event event = event_of(*object);
    if (!event.last || now - *event.last > lately) continue;
    const auto [found, is_new] = all.try_emplace({event.reason, event.message});
    Told& told = found->second;
    told.warning.count += event.count;
    if (!is_new && told.last >= *event.last) continue;
    told.last = *event.last;
    told.warning.at = base::to_rfc3339(*event.last);
    told.warning.object = about(*object);
    told.warning.reason = event.reason;
    told.warning.message = event.message;
  }
  std::vector<Told> sorted;
  for (auto& [what, told] : all) sorted.push_back(std::move(told));
  std::ranges::stable_sort(sorted, std::ranges::greater{}, &Told::last);
  std::vector<release::Warning> out;
  for (Told& told : sorted)
    if (out.size() < most) out.push_back(std::move(told.warning));
  return out;
}

}  // namespace msctl::kubernetes::judge
