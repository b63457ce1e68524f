// What the aggregation layer of an API server asks for, from the target of a request.
// https://github.com/kubernetes/metrics/blob/master/IMPLEMENTATIONS.md and
// https://github.com/kubernetes/design-proposals-archive/blob/main/instrumentation/external-metrics-api.md
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "runtime/base/error.h"

namespace msctl::kubernetes::external_metrics {

enum class Metric : std::uint8_t { requests_per_second, concurrency, latency_p95 };
std::string_view to_string(Metric metric);

// A value of one service in a namespace.
struct Query {
  std::string space;
  Metric metric = Metric::requests_per_second;
  std::string workspace, service;
};

struct Page {
  enum class Kind : std::uint8_t { health, group, resources };
  Kind kind = Kind::health;
};

// Why it is not answered.
struct Refused {
  int status = 404;
  std::string reason;   // of a Status: "NotFound", "BadRequest"
  std::string message;  // for people
};

using Asked = std::variant<Page, Query, Refused>;

// `path` and `query` as sent, without "?".
Asked asked(std::string_view path, std::string_view query);

// "service=orders,workspace=shop", decoded; `==` is `=`, and `in` with one value is too. Anything else that
// selectors can say is refused: a value that is not exactly one service's is nobody's target.
std::variant<Query, Refused> selected(std::string_view selector);

}  // namespace msctl::kubernetes::external_metrics
