// A recording's lines. nlohmann's writer decides what is UTF-8: what it refuses stands there as base64.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "runtime/base/base64.h"
#include "runtime/base/file.h"
#include "runtime/replay/exchange.h"

namespace msctl::replay {
namespace {

using Json = nlohmann::ordered_json;

bool is_utf8(const std::string& text) {
  try {
    (void)nlohmann::json(text).dump();
    return true;
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

Json to_json(const Message& message) {
  Json out{{"headers", Json::array()}};
  for (const auto& [name, value] : message.headers)
    out["headers"].push_back({name, is_utf8(value) ? value : std::string("(no UTF-8)")});
  if (is_utf8(message.body))
    out["body"] = message.body;
  else
    out["bodyBase64"] = base::to_base64(message.body);
  return out;
}

Message message_in(const Json& json) {
  Message out;
  for (const Json& field : json.at("headers"))
    out.headers.emplace_back(field.at(0).get<std::string>(), field.at(1).get<std::string>());
  out.body = json.contains("bodyBase64")
                 ? base::from_base64(json["bodyBase64"].get<std::string>()).value_or("")
                 : json.at("body").get<std::string>();
  return out;
}

}  // namespace

Json to_json(const Exchange& exchange) {
  return {{"at", exchange.at},
          {"service", exchange.service},
          {"replica", exchange.replica},
          {"route", exchange.route},
          {"requestId", exchange.request_id},
          {"method", exchange.method},
          {"target", exchange.target},
          {"status", exchange.status},
          {"truncated", exchange.truncated},
          {"cut", exchange.cut},
          {"request", to_json(exchange.request)},
          {"response", to_json(exchange.response)}};
}

std::optional<Exchange> exchange_in(std::string_view line) {
  Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  try {
    Exchange out;
    out.at = json.at("at").get<std::string>();
    out.service = json.at("service").get<std::string>();
    out.replica = json.at("replica").get<std::string>();
    out.route = json.at("route").get<std::string>();
    out.request_id = json.at("requestId").get<std::string>();
    out.method = json.at("method").get<std::string>();
    out.target = json.at("target").get<std::string>();
    out.status = json.at("status").get<int>();
    out.truncated = json.at("truncated").get<bool>();
    out.cut = json.at("cut").get<bool>();
    out.request = message_in(json.at("request"));
    out.response = message_in(json.at("response"));
    return out;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

base::Result<std::vector<Exchange>> read_recording(const std::string& path) {
  auto text = base::read_file(path);
  if (!text) return std::unexpected(text.error());
  std::vector<Exchange> out;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);)
    if (auto exchange = exchange_in(line)) out.push_back(*std::move(exchange));
  // They are written as they end.
  std::ranges::stable_sort(out, {}, &Exchange::at);
  return out;
}

}  // namespace msctl::replay
