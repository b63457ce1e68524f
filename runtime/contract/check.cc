#include "runtime/contract/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <tuple>

#include "runtime/base/text.h"
#include "runtime/contract/percent.h"

namespace msctl::contract {
namespace {

using replay::Exchange;
using replay::Message;

// "application/json; charset=utf-8" → "application/json"
std::string media_type(const Message& message) {
  const std::string* field = message.header("Content-Type");
  if (field == nullptr) return {};
  std::string type = base::lower(field->substr(0, field->find(';')));
  while (!type.empty() && type.back() == ' ') type.pop_back();
  return type;
}

bool is_json(const std::string& type) {
  return type == "application/json" || type.ends_with("+json");
}

// The entry of `content:` for a media type: its own, then "text/*", then "*/*".
const Json* media(const Json& content, const std::string& type) {
  std::string range = type.substr(0, type.find('/')) + "/*";
  for (const std::string& wanted : {type, range, std::string("*/*")})
    for (const auto& [stated, entry] : content.items())
      if (base::lower(stated.substr(0, stated.find(';'))) == wanted) return &entry;
  return nullptr;
}

// A query's text, where "+" is a space. In a path it is itself.
std::string decoded(std::string_view text) {
  std::string spaced(text);
  std::ranges::replace(spaced, '+', ' ');
  return percent_decoded(spaced);
}

std::multimap<std::string, std::string> parameters_in(std::string_view query) {
  std::multimap<std::string, std::string> out;
  while (!query.empty()) {
    std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    std::size_t equals = std::min(pair.find('='), pair.size());
    if (!pair.empty())
      out.emplace(decoded(pair.substr(0, equals)), decoded(pair.substr(std::min(pair.size(), equals + 1))));
  }
  return out;
}

// A parameter's text as the value that its schema means: 7 is a number where a number is asked for.
Json value_of(const std::string& text, const Json& schema) {
  auto type = schema.is_object() ? schema.find("type") : schema.end();
  auto wants = [&](const char* what) {
    if (!schema.is_object() || type == schema.end()) return false;
    return type->is_array() ? std::ranges::find(*type, Json(what)) != type->end() : *type == what;
  };
  if (wants("integer") || wants("number"))
    if (Json number = Json::parse(text, nullptr, false); number.is_number()) return number;
  if (wants("boolean") && (text == "true" || text == "false")) return text == "true";
  return text;
}

class Checker {
public:
  explicit Checker(const Document& document) : document_(document) {}

  void check(const Exchange& exchange) {
    if (exchange.status == 0 || exchange.cut) return;
    exchange_ = &exchange;
    Document::Found found = document_.find(exchange.method, percent_decoded(exchange.path()));
    path_ = found.path.empty() ? exchange.path() : found.path;
    if (!found.operation) {
      // A service that refuses what its document does not have agrees with it.
      bool refused = exchange.status == 404 || exchange.status == 405 || exchange.status == 501;
      if (!refused)
        report("request", "", found.path.empty() ? "no path describes this" : "the path has no such method");
      return;
    }
    seen_.insert(found.operation->method + " " + found.operation->path);
    if (exchange.status < 400) request(*found.operation);
    response(*found.operation);
  }

  Report finish() {
    Report out;
    out.findings = std::move(findings_);
    for (const Operation& each : document_.operations())
      if (std::string name = each.method + " " + each.path; !seen_.contains(name)) out.unseen.push_back(name);
    return out;
  }

private:
  void report(const char* part, const std::string& pointer, const std::string& message) {
    auto same = std::ranges::find_if(findings_, [&](const Finding& each) {
      return std::tie(each.method, each.path, each.status, each.pointer, each.message) ==
                 std::tie(exchange_->method, path_, exchange_->status, pointer, message) &&
             each.part == part;
    });
    if (same != findings_.end())
      ++same->seen;
    else
      findings_.push_back(
          {exchange_->method, path_, exchange_->status, part, pointer, message, exchange_->target, 1});
  }

  void body(const char* part, const Json& content, const Message& message) {
    std::string type = media_type(message);
    const Json* entry = media(content, type);
    if (entry == nullptr)
      return report(part, "",
                    type.empty() ? "the body has no Content-Type"
                                 : fmt::format("the media type {} is not described", type));
    auto schema = entry->find("schema");
    if (schema == entry->end() || !is_json(type) || exchange_->truncated) return;
    Json value = Json::parse(message.body, nullptr, false);
    if (value.is_discarded()) return report(part, "", fmt::format("the body is no JSON, but {}", type));
    for (const Mismatch& each : validate(*schema, value, document_.json()))
      report(part, each.pointer, each.message);
  }

  void request(const Operation& operation) {
    parameters(operation);
    auto stated = operation.operation->find("requestBody");
    const Json* described = stated == operation.operation->end() ? nullptr : document_.resolve(*stated);
    const Message& message = exchange_->request;
    if (described == nullptr) {
      if (!message.body.empty()) report("request", "", "a body is not described");
    } else if (message.body.empty()) {
      if (described->value("required", false)) report("request", "", "the body is missing");
    } else if (auto content = described->find("content"); content != described->end()) {
      body("request", *content, message);
    }
  }

  void parameters(const Operation& operation) {
    auto query = parameters_in(exchange_->query());
    std::set<std::string> described;
    for (const Json* from : {operation.item, operation.operation}) {
      auto list = from->find("parameters");
      if (list == from->end() || !list->is_array()) continue;
      for (const Json& stated : *list) {
        const Json* parameter = document_.resolve(stated);
        if (parameter == nullptr) continue;
        std::string name = parameter->value("name", ""), in = parameter->value("in", "");
        bool required = parameter->value("required", false);
        if (in == "header" && required && exchange_->request.header(name) == nullptr)
          report("request", "", fmt::format("the field {} is missing", name));
        if (in != "query") continue;
        described.insert(name);
        auto [first, last] = query.equal_range(name);
        if (required && first == last)
          report("request", "", fmt::format("the parameter {} is missing", name));
        // One of several values is an item; with one, it may be a list of one.
        auto schema = parameter->find("schema");
        const Json* meant = schema == parameter->end() ? nullptr : document_.resolve(*schema);
        if (meant == nullptr || (meant->is_object() && meant->value("type", Json()) == "array")) continue;
        for (; first != last; ++first)
          for (const Mismatch& each : validate(*meant, value_of(first->second, *meant), document_.json()))
            report("request", "", fmt::format("the parameter {} {}", name, each.message));
      }
    }
    for (auto each = query.begin(); each != query.end(); each = query.upper_bound(each->first))
      if (!described.contains(each->first))
        report("request", "", fmt::format("the parameter {} is not described", each->first));
  }

  void response(const Operation& operation) {
    auto responses = operation.operation->find("responses");
    const Json* described = nullptr;
    if (responses != operation.operation->end())
      for (const std::string& key : {std::to_string(exchange_->status),
                                     fmt::format("{}XX", exchange_->status / 100), std::string("default")})
        if (auto found = responses->find(key); found != responses->end()) {
          described = document_.resolve(*found);
          break;
        }
    if (described == nullptr) return report("response", "", "the status is not described");
    if (auto headers = described->find("headers"); headers != described->end())
      for (const auto& [name, stated] : headers->items()) {
        const Json* header = document_.resolve(stated);
        if (header != nullptr && header->value("required", false) &&
            exchange_->response.header(name) == nullptr)
          report("response", "", fmt::format("the field {} is missing", name));
      }
    if (exchange_->method == "HEAD") return;
    auto content = described->find("content");
    if (content != described->end() && !content->empty())
      body("response", *content, exchange_->response);
    else if (!exchange_->response.body.empty())
      report("response", "", "a body is not described");
  }

  const Document& document_;
  const Exchange* exchange_ = nullptr;
  std::string path_;
  std::vector<Finding> findings_;
  std::set<std::string> seen_;
};

}  // namespace

Report check(const Document& document, const std::vector<Exchange>& exchanges) {
  Checker checker(document);
  for (const Exchange& each : exchanges) checker.check(each);
  return checker.finish();
}

std::string describe(const Finding& finding) {
  return fmt::format("{} {} {} {}{}{}: {}{}", finding.method, finding.path, finding.status, finding.part,
                     finding.pointer.empty() ? "" : " ", finding.pointer, finding.message,
                     finding.seen > 1 ? fmt::format(" ({} times)", finding.seen) : "");
}

nlohmann::ordered_json to_json(const Finding& finding) {
  return {{"method", finding.method},   {"path", finding.path},       {"status", finding.status},
          {"part", finding.part},       {"pointer", finding.pointer}, {"message", finding.message},
          {"example", finding.example}, {"seen", finding.seen}};
}

}  // namespace msctl::contract
