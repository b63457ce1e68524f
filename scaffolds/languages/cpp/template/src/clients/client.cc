#include "clients/client.h"

#include <nlohmann/json.hpp>
#include <random>
#include <thread>

namespace app::clients {
namespace {

using Clock = std::chrono::steady_clock;

double random_fraction() {
  thread_local std::mt19937 generator{std::random_device{}()};
  return std::uniform_real_distribution<>(0, 1)(generator);
}

http::Headers headers_for(const Trace& trace, const std::string& body) {
  http::Headers out{{"Accept", "application/json"}, {"traceparent", traceparent(trace)}};
  if (!trace.request_id.empty()) out["X-Request-Id"] = trace.request_id;
  if (!body.empty()) out["Content-Type"] = "application/json";
  return out;
}

std::string describe(http::Attempt::Failure failure) {
  switch (failure) {
    case http::Attempt::Failure::none:
      return "answered";
    case http::Attempt::Failure::connect:
      return "cannot be reached";
    case http::Attempt::Failure::broken:
      return "broke the connection";
    case http::Attempt::Failure::timed_out:
      return "did not answer in time";
    case http::Attempt::Failure::too_large:
      return "answered more than this service takes";
  }
  return {};
}

std::string base_url(const std::string& variable, const Client::Environment& environment) {
  const auto value = environment(variable);
  if (!value || value->empty()) throw std::invalid_argument(variable + " is not set");
  return *value;
}

}  // namespace

Client::Client(std::string need, const std::string& variable, const Environment& environment, Limits limits,
               Sleep sleep)
    : need_(std::move(need)),
      limits_(limits),
      sleep_(sleep ? std::move(sleep)
                   : [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }),
      http_(base_url(variable, environment)) {}

nlohmann::json Client::get(const std::string& path, const Trace& trace) {
  return send("GET", path, nullptr, trace);
}

nlohmann::json Client::send(const std::string& method, const std::string& path, const nlohmann::json& body,
                            const Trace& trace) {
  const http::Response response = call(method, path, body.is_null() ? std::string{} : body.dump(), trace);
  if (response.status < 200 || response.status > 299)
    throw CallFailed(need_ + " answered " + std::to_string(response.status), response.status);
  if (response.body.empty()) return nullptr;
  auto out = nlohmann::json::parse(response.body, nullptr, false);
  if (out.is_discarded()) throw CallFailed(need_ + " answered something that is not JSON", response.status);
  return out;
}

http::Response Client::call(const std::string& method, const std::string& path, const std::string& body,
                            const Trace& trace) {
  const auto deadline = Clock::now() + limits_.total_time;
  Trace span = trace;
  for (int attempt = 0;; ++attempt) {
    span.span_id = random_hex(8);
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    const auto last = http_.send(method, path, headers_for(span, body), body,
                                 std::min(limits_.try_time, left), limits_.answer_bytes);
    const auto remaining = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (const auto pause = pause_before_retry(limits_, method, attempt, last, random_fraction(), remaining)) {
      sleep_(*pause);
      continue;
    }
    if (last.failure != http::Attempt::Failure::none)
      throw CallFailed(need_ + " " + describe(last.failure), 0);
    return last.response;
  }
}

std::string escape(const std::string& segment) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : segment) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.' || c == '~') {
      out += c;
    } else {
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

}  // namespace app::clients
