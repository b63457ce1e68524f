#include "gateway/telemetry/counters.h"

#include <algorithm>
#include <utility>

namespace msctl::gateway::telemetry {
namespace {

constexpr std::array<std::pair<Method, std::string_view>, 9> methods{{
    {Method::get, "GET"},
    {Method::head, "HEAD"},
    {Method::post, "POST"},
    {Method::put, "PUT"},
    {Method::patch, "PATCH"},
    {Method::remove, "DELETE"},
    {Method::options, "OPTIONS"},
    {Method::trace, "TRACE"},
    {Method::connect, "CONNECT"},
}};

constexpr int first_code = 3000;

}  // namespace

void Histogram::observe(base::Duration duration) {
  static constexpr auto nanoseconds = [] {
    std::array<std::int64_t, bounds.size()> result{};
    for (std::size_t i = 0; i < bounds.size(); ++i) result[i] = static_cast<std::int64_t>(bounds[i] * 1e9);
    return result;
  }();
  std::size_t i = 0;
  while (i < nanoseconds.size() && duration.count() > nanoseconds[i]) ++i;
  buckets_[i].add();
  sum_.add(static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0)));
}

Method method_from(std::string_view name) {
  for (const auto& [method, text] : methods)
    if (name == text) return method;
  return Method::other;
}

std::string_view to_string(Method method) {
  for (const auto& [each, text] : methods)
    if (each == method) return text;
  return "OTHER";
}

RouteCounters::~RouteCounters() {
  Series* series = first_.load();
  while (series != nullptr) delete std::exchange(series, series->next.load());
}

void RouteCounters::answered(Method method, int status, base::Duration took) {
  duration.observe(took);
  std::atomic<Series*>* link = &first_;
  while (Series* series = link->load(std::memory_order_relaxed)) {
    if (series->method == method && series->status == status) {
      series->count.add();
      return;
    }
    link = &series->next;
  }
  auto* series = new Series{method, status, {}, {}};
  series->count.add();
  link->store(series, std::memory_order_release);
}

void RouteCounters::rejected(base::Code code) {
  auto index = static_cast<std::size_t>(static_cast<int>(code) - first_code);
  if (index < codes) rejected_[index].add();
}

Registry::Registry(std::size_t threads) : names_{{"", ""}} {
  for (std::size_t i = 0; i < threads; ++i) threads_.push_back(std::make_unique<ThreadCounters>());
}

std::size_t Registry::route_number(const std::string& route, const std::string& upstream) {
  std::lock_guard lock(mutex_);
  for (std::size_t i = 1; i < names_.size(); ++i)
    if (names_[i].route == route && names_[i].upstream == upstream) return i;
  names_.push_back({route, upstream});
  return names_.size() - 1;
}

RouteCounters& Registry::route(std::size_t thread, std::size_t number) {
  std::lock_guard lock(mutex_);
  auto& routes = threads_[thread]->routes;
  if (routes.size() <= number) routes.resize(number + 1);
  if (!routes[number]) routes[number] = std::make_unique<RouteCounters>();
  return *routes[number];
}

std::string_view reason(base::Code code) {
  switch (code) {
    case base::Code::gatewayBadRequest:
      return "bad_request";
    case base::Code::gatewayUnauthorized:
      return "unauthorized";
    case base::Code::gatewayForbidden:
      return "forbidden";
    case base::Code::gatewayNoRoute:
      return "no_route";
    case base::Code::gatewayMethodNotAllowed:
      return "method_not_allowed";
    case base::Code::gatewayRateLimited:
      return "rate_limited";
    case base::Code::gatewayBodyTooLarge:
      return "body_too_large";
    case base::Code::gatewayHeadersTooLarge:
      return "headers_too_large";
    case base::Code::gatewayRequestTimeout:
      return "request_timeout";
    case base::Code::gatewayExpectation:
      return "expectation";
    case base::Code::gatewayNotImplemented:
      return "not_implemented";
    case base::Code::gatewayVersion:
      return "version";
    case base::Code::gatewayUriTooLong:
      return "uri_too_long";
    case base::Code::gatewayUpstreamRefused:
      return "upstream_refused";
    case base::Code::gatewayUpstreamBroke:
      return "upstream_broke";
    case base::Code::gatewayUpstreamInvalid:
      return "upstream_invalid";
    case base::Code::gatewayNoReplica:
      return "no_replica";
    case base::Code::gatewayUpstreamTimeout:
      return "upstream_timeout";
    case base::Code::gatewayOverloaded:
      return "overloaded";
    default:
      return "other";
  }
}

}  // namespace msctl::gateway::telemetry
