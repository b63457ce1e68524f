// The routes of the items.
#include <nlohmann/json.hpp>

#include "api/api.h"
#include "api/body.h"
#include "problem.h"

namespace app {
namespace {

nlohmann::ordered_json to_json(const Item& item) {
  return {{"id", item.id}, {"name", item.name}, {"quantity", item.quantity}, {"price", item.price}};
}

http::Response json_response(int status, const nlohmann::ordered_json& body) {
  return {status, {{"Content-Type", "application/json"}}, body.dump()};
}

http::Response no_such_item() { return problem(404, "There is no item with this id."); }

}  // namespace

http::Response Api::list_items(const Call& call) {
  const auto query = read_page_query(call.request);
  if (const auto* refused = std::get_if<http::Response>(&query)) return *refused;
  const auto& [cursor, limit] = std::get<PageQuery>(query);
  const Page page = store_.list(cursor, limit);
  nlohmann::ordered_json body{{"items", nlohmann::ordered_json::array()}};
  for (const Item& item : page.items) body["items"].push_back(to_json(item));
  if (!page.next.empty()) body["nextCursor"] = page.next;
  return json_response(200, body);
}

http::Response Api::create_item(const Call& call) {
  const auto draft = read_draft(call.request);
  if (const auto* refused = std::get_if<http::Response>(&draft)) return *refused;
  const auto& [name, quantity, price] = std::get<Draft>(draft);
  const Item item{new_id(), name, quantity, price.value_or(0)};
  store_.create(item);
  http::Response out = json_response(201, to_json(item));
  out.headers["Location"] = public_prefix(call.request) + "/items/" + item.id;
  return out;
}

http::Response Api::get_item(const Call& call) {
  if (!is_valid_id(call.id)) return no_such_item();
  const auto item = store_.get(call.id);
  return item ? json_response(200, to_json(*item)) : no_such_item();
}

http::Response Api::replace_item(const Call& call) {
  const auto draft = read_draft(call.request);
  if (const auto* refused = std::get_if<http::Response>(&draft)) return *refused;
  if (!is_valid_id(call.id)) return no_such_item();
  const auto item = store_.replace(call.id, std::get<Draft>(draft));
  return item ? json_response(200, to_json(*item)) : no_such_item();
}

http::Response Api::delete_item(const Call& call) {
  if (!is_valid_id(call.id) || !store_.remove(call.id)) return no_such_item();
  return {204, {}, {}};
}

}  // namespace app
