#include "api/api.h"

#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "problem.h"

namespace app {
namespace {

constexpr std::string_view parameter = "{id}";

// Whether `path` fits `pattern`, in which {id} is one segment that is not empty; `id` is then that segment.
bool fits(std::string_view pattern, std::string_view path, std::string& id) {
  const auto at = pattern.find(parameter);
  if (at == std::string_view::npos) return path == pattern;
  if (!path.starts_with(pattern.substr(0, at))) return false;
  const std::string_view segment = path.substr(at);
  if (segment.empty() || segment.find('/') != std::string_view::npos) return false;
  id = segment;
  return true;
}

std::string join(const std::set<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out.append(out.empty() ? "" : ", ").append(word);
  return out;
}

}  // namespace

Api::Api(Store& store, Log& log, Metrics& metrics, std::function<bool()> draining)
    : store_(store), log_(log), metrics_(metrics), draining_(std::move(draining)) {}

const std::vector<Api::Route>& Api::table() {
  static const std::vector<Route> routes{
      {"GET", "/items", &Api::list_items},
      {"POST", "/items", &Api::create_item},
      {"GET", "/items/{id}", &Api::get_item},
      {"PUT", "/items/{id}", &Api::replace_item},
      {"DELETE", "/items/{id}", &Api::delete_item},
      {"GET", "/health/live", &Api::live, false},
      {"GET", "/health/ready", &Api::ready, false},
      {"GET", "/metrics", &Api::metrics_text},
      {"GET", "/openapi.yaml", &Api::document},
  };
  return routes;
}

std::vector<std::pair<std::string, std::string>> Api::routes() const {
  std::vector<std::pair<std::string, std::string>> out;
  for (const Route& route : table()) out.emplace_back(route.method, route.pattern);
  return out;
}

Api::Match Api::match(const http::Request& request) {
  // HEAD is answered where GET is; the server leaves the body out.
  const std::string method = request.method == "HEAD" ? "GET" : request.method;
  Match out;
  std::set<std::string> allowed;
  for (const Route& route : table()) {
    if (!fits(route.pattern, request.path, out.id)) continue;
    out.pattern = route.pattern;
    if (route.method == method) out.route = &route;
    allowed.insert(route.method);
    if (route.method == "GET") allowed.insert("HEAD");
  }
  out.allow = join(allowed);
  return out;
}

http::Response Api::handle(const http::Request& request) {
  const auto begin = std::chrono::steady_clock::now();
  const Match found = match(request);
  Call call{request, found.id, continue_trace(request.header("traceparent"))};
  call.trace.request_id = request.header("X-Request-Id");
  http::Response out = guarded(found, call);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  observe(found, call, out.status, took.count());
  return out;
}

http::Response Api::answer(const Match& match, const Call& call) {
  if (match.route != nullptr) return (this->*match.route->handler)(call);
  if (match.allow.empty()) return problem(404, "There is nothing at this path.");
  http::Response out = problem(405, "This path takes " + match.allow + ".");
  out.headers["Allow"] = match.allow;
  return out;
}

// Every request gets an answer, whatever goes wrong.
http::Response Api::guarded(const Match& match, const Call& call) {
  try {
    return answer(match, call);
  } catch (const StoreUnavailable& error) {
    log_.write(Level::warn, "store not available", &call.trace, {{"error", error.what()}});
    http::Response out = problem(503, "The service's store does not answer at the moment.");
    out.headers["Retry-After"] = "1";
    return out;
  } catch (const std::exception& error) {
    log_.write(Level::error, "request failed", &call.trace, {{"error", error.what()}});
    return problem(500, "The service failed to answer this request.");
  }
}

void Api::observe(const Match& match, const Call& call, int status, double seconds) {
  metrics_.observe(call.request.method, match.pattern, status, seconds);
  if (match.route != nullptr && !match.route->log_always && status < 500) return;
  log_.write(status >= 500 ? Level::error : Level::info, "request", &call.trace,
             {{"method", call.request.method},
              {"path", call.request.path},
              {"status", status},
              {"duration_ms", std::round(seconds * 1e6) / 1e3}});
}

}  // namespace app
