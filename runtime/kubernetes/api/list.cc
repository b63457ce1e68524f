// Lists, in pages. A page names the next one by a token that the server forgets after some minutes
// (https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks).
#include <fmt/format.h>

#include <utility>

#include "runtime/kubernetes/api/client.h"
#include "runtime/kubernetes/api/lean.h"
#include "runtime/kubernetes/api/session.h"

namespace msctl::kubernetes::api {
namespace {

constexpr int most_beginnings = 3;

std::string text(const Json& map, const char* key) {
  if (!map.is_object()) return {};
  const auto found = map.find(key);
  return found != map.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

// The items of one page, with what the server leaves out of each. False: it is none.
bool take(Json page, const Kind& kind, List& out, std::string& next) {
  const auto items = page.is_object() ? page.find("items") : page.end();
  const auto metadata = page.is_object() ? page.find("metadata") : page.end();
  if (metadata == page.end() || items == page.end()) return false;
  next = text(*metadata, "continue");
  out.resource_version = text(*metadata, "resourceVersion");
  if (items->is_null()) return true;
  if (!items->is_array()) return false;
  for (Json& item : *items) {
    if (!item.is_object()) return false;
    item["apiVersion"] = kind.api_version;
    item["kind"] = kind.kind;
    out.items.push_back(std::move(item));
  }
  return true;
}

}  // namespace

Answer<List> Client::list(const Kind& kind, const ListOptions& options) const {
  auto where = place(kind, options.space, options.all_spaces);
  if (!where) return std::unexpected(std::move(where.error()));
  Ask ask;
  ask.about = {"list", where->resource.group, where->resource.plural, {}, kind.kind, {}, where->space};
  std::string query = fmt::format("?limit={}", options.page);
  if (!options.labels.empty()) query += "&labelSelector=" + http::percent_encoded(options.labels);
  if (!options.fields.empty()) query += "&fieldSelector=" + http::percent_encoded(options.fields);
  List out;
  std::string next;
  for (int beginnings = 1;;) {
    ask.target = where->target + query;
    if (!next.empty())
      ask.target += "&continue=" + http::percent_encoded(next);
    else if (options.cached)
      ask.target += "&resourceVersion=0";
    auto body = session_->send(ask, limits_);
    if (!body) {
      if (body.error().gone() && !next.empty() && beginnings++ < most_beginnings) {
        out = {};
        next.clear();
        continue;
      }
      return std::unexpected(explained(std::move(body.error()), kind));
    }
    Json page = parse(*body, options.lean);
    if (!take(std::move(page), kind, out, next))
      return std::unexpected(read_failure(200, "this is no list: " + *body, {}, ask.about, {}));
    if (next.empty()) return out;
  }
}

}  // namespace msctl::kubernetes::api
