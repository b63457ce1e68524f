#include "api/body.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "problem.h"

namespace app {
namespace {

using nlohmann::json;

std::string lower(std::string_view text) {
  std::string out;
  for (const char c : text) out += http::CaseInsensitive::lower(c);
  return out;
}

bool is_json(const std::string& content_type) {
  std::string type = lower(content_type.substr(0, content_type.find(';')));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.pop_back();
  return type == "application/json";
}

// Characters, not bytes: each but the first byte of a character in UTF-8 is 10xxxxxx.
std::size_t characters(const std::string& text) {
  std::size_t out = 0;
  for (const char c : text) out += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  return out;
}

// A JSON Pointer (RFC 6901) to a member of the body.
std::string pointer(const std::string& name) {
  std::string out = "/";
  for (const char c : name)
    out += c == '~' ? std::string("~0") : c == '/' ? std::string("~1") : std::string(1, c);
  return out;
}

// Takes values out of an object and collects what is wrong with them.
class Checker {
 public:
  explicit Checker(const json& object) : object_(object) {}

  std::string text(const std::string& name, std::size_t most) {
    const json* value = find(name);
    if (value == nullptr) return {};
    if (!value->is_string()) {
      fail(name, "must be a string");
      return {};
    }
    std::string out = value->get<std::string>();
    const std::size_t length = characters(out);
    if (length < 1 || length > most) fail(name, "must have 1 to " + std::to_string(most) + " characters");
    return out;
  }

  std::optional<int> optional_integer(const std::string& name, int most) {
    return object_.contains(name) ? std::optional(integer(name, most)) : std::nullopt;
  }

  int integer(const std::string& name, int most) {
    const json* value = find(name);
    if (value == nullptr) return 0;
    // JSON has one kind of number: 3.0 and 3e0 are integers too. Doubles are exact far beyond any limit here.
    const double number = value->is_number() ? value->get<double>() : NAN;
    if (std::isnan(number) || number != std::trunc(number)) {
      fail(name, "must be an integer");
      return 0;
    }
    if (number < 0 || number > most) {
      fail(name, "must be from 0 to " + std::to_string(most));
      return 0;
    }
    return static_cast<int>(number);
  }

  void refuse_others(const std::vector<std::string>& known) {
    for (const auto& [name, value] : object_.items())
      if (std::find(known.begin(), known.end(), name) == known.end()) fail(name, "is not a known field");
  }

  const std::vector<WrongValue>& wrong() const { return wrong_; }

 private:
  const json* find(const std::string& name) {
    const auto found = object_.find(name);
    if (found != object_.end()) return &*found;
    fail(name, "is required");
    return nullptr;
  }
  void fail(const std::string& name, const std::string& detail) {
    wrong_.push_back({WrongValue::Where::body, pointer(name), detail});
  }

  const json& object_;
  std::vector<WrongValue> wrong_;
};

std::optional<http::Response> unreadable(const http::Request& request) {
  switch (request.body_state) {
    case http::BodyState::too_large:
      return problem(413, "The body must not be larger than 65536 bytes.");
    case http::BodyState::too_slow:
      return problem(408, "The body did not arrive in time.");
    case http::BodyState::broken:
      return problem(400, "The body ended too early.");
    case http::BodyState::whole:
      break;
  }
  if (!is_json(request.header("Content-Type"))) return problem(415, "The body must be application/json.");
  return std::nullopt;
}

constexpr std::size_t most_on_a_page = 100;

bool is_plain(std::string_view segment) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._~-";
  return !segment.empty() && segment != "." && segment != ".." &&
         segment.find_first_not_of(allowed) == std::string_view::npos;
}

}  // namespace

std::variant<Draft, http::Response> read_draft(const http::Request& request) {
  if (auto refused = unreadable(request)) return *refused;
  const json body = json::parse(request.body, nullptr, false);
  if (body.is_discarded()) return problem(400, "The body is not JSON.");
  constexpr const char* summary = "The body has values that are not allowed.";
  if (!body.is_object()) return problem(422, summary, {{WrongValue::Where::body, "", "must be an object"}});

  Checker checker(body);
  Draft out{checker.text("name", max_name_length), checker.integer("quantity", max_quantity),
            checker.optional_integer("price", max_price)};
  checker.refuse_others({"name", "quantity", "price"});
  if (!checker.wrong().empty()) return problem(422, summary, checker.wrong());
  return out;
}

std::variant<PageQuery, http::Response> read_page_query(const http::Request& request) {
  PageQuery out;
  std::vector<WrongValue> wrong;
  if (const auto limit = request.query.find("limit"); limit != request.query.end()) {
    const std::string& text = limit->second;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out.limit);
    if (error != std::errc{} || end != text.data() + text.size() || out.limit < 1 ||
        out.limit > most_on_a_page)
      wrong.push_back({WrongValue::Where::query, "limit",
                       "must be an integer from 1 to " + std::to_string(most_on_a_page)});
  }
  if (const auto cursor = request.query.find("cursor"); cursor != request.query.end()) {
    out.cursor = cursor->second;
    if (!is_valid_id(out.cursor))
      wrong.push_back({WrongValue::Where::query, "cursor", "must be the nextCursor of a list"});
  }
  if (!wrong.empty()) return problem(422, "The query has values that are not allowed.", wrong);
  return out;
}

std::string public_prefix(const http::Request& request) {
  std::string prefix = request.header("X-Forwarded-Prefix");
  if (prefix.ends_with('/')) prefix.pop_back();
  std::string_view rest = prefix;
  while (!rest.empty()) {
    if (rest.front() != '/') return {};
    rest.remove_prefix(1);
    const std::string_view segment = rest.substr(0, rest.find('/'));
    if (!is_plain(segment)) return {};
    rest.remove_prefix(segment.size());
  }
  return prefix;
}

}  // namespace app
