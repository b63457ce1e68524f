#include "runtime/kubernetes/external_metrics/answer.h"

#include <fmt/format.h>

#include "runtime/kubernetes/external_metrics/documents.h"

namespace msctl::kubernetes::external_metrics {
namespace {

Answer page(Page page) {
  switch (page.kind) {
    case Page::Kind::health:
      return {200, "text/plain", "ok"};
    case Page::Kind::group:
      return {.body = group_document()};
    case Page::Kind::resources:
      return {.body = resources_document()};
  }
  return {};
}

Answer refusal(const Refused& refused) {
  return {.status = refused.status, .body = status_document(refused)};
}

}  // namespace

Answer answer(std::string_view path, std::string_view query,
              const std::function<base::Result<Sum>(const Query&)>& sum, const base::Clock& clock) {
  const Asked wanted = asked(path, query);
  if (const Page* known = std::get_if<Page>(&wanted)) return page(*known);
  if (const Refused* refused = std::get_if<Refused>(&wanted)) return refusal(*refused);
  const Query& value = std::get<Query>(wanted);
  const auto told = sum(value);
  if (!told)
    return refusal({503, "ServiceUnavailable",
                    fmt::format("{} [{}]", told.error().message, base::to_string(told.error().code))});
  return {.body = values_document(value, told->flow, told->seconds, clock.wall())};
}

}  // namespace msctl::kubernetes::external_metrics
