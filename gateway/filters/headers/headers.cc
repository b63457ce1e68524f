#include "gateway/filters/headers/headers.h"

#include <algorithm>

namespace msctl::gateway::filters {
namespace {

void remove_everywhere(std::string_view name, const http1::Fields* fields, Edits& edits) {
  edits.drop_added(name);
  if (!fields) return;
  for (std::size_t i = 0; i < fields->size(); ++i)
    if (http1::same_name((*fields)[i].name, name)) edits.remove(i);
}

// Fields that came, and that are still there; not those which the gateway adds.
void rename_fields(std::string_view from, std::string_view to, const http1::Fields* fields, Edits& edits) {
  if (!fields) return;
  for (std::size_t i = 0; i < fields->size(); ++i) {
    if (edits.removed(i) || !http1::same_name((*fields)[i].name, from)) continue;
    edits.remove(i);
    edits.add(to, (*fields)[i].value);
  }
}

}  // namespace

Template::Part Template::variable(std::string_view name, const std::vector<std::string>& parameters) {
  if (name == "client.address") return {Kind::client_address, ""};
  if (name == "consumer.name") return {Kind::consumer_name, ""};
  if (name == "request.id") return {Kind::request_id, ""};
  if (name == "upstream.replica") return {Kind::upstream_replica, ""};
  if (name.starts_with("path."))
    if (auto at = std::ranges::find(parameters, name.substr(5)); at != parameters.end())
      return {Kind::parameter, "", static_cast<std::size_t>(at - parameters.begin())};
  return {Kind::literal, "{" + std::string(name) + "}"};
}

Template::Template(std::string_view text, const std::vector<std::string>& parameters) {
  while (!text.empty()) {
    std::size_t open = text.find('{');
    std::size_t close = open == std::string_view::npos ? open : text.find('}', open);
    if (close == std::string_view::npos) open = text.size();
    if (open > 0) parts_.push_back({Kind::literal, std::string(text.substr(0, open))});
    if (close == std::string_view::npos) return;
    parts_.push_back(variable(text.substr(open + 1, close - open - 1), parameters));
    text.remove_prefix(close + 1);
  }
}

std::string_view Template::value(const Part& part, const Exchange& exchange) {
  switch (part.kind) {
    case Kind::literal:
      return part.text;
    case Kind::client_address:
      return exchange.client_address;
    case Kind::consumer_name:
      return exchange.consumer ? exchange.consumer->name : std::string_view();
    case Kind::request_id:
      return exchange.request_id;
    case Kind::upstream_replica:
      return exchange.replica;
    case Kind::parameter:
      return exchange.parameters && part.parameter < exchange.parameters->size
                 ? exchange.parameters->values[part.parameter]
                 : std::string_view();
  }
  return {};
}

std::string_view Template::expand(const Exchange& exchange) const {
  if (parts_.empty()) return {};
  if (parts_.size() == 1) return value(parts_[0], exchange);
  std::size_t size = 0;
  for (const Part& part : parts_) size += value(part, exchange).size();
  std::span<char> room = exchange.arena->take(size);
  char* at = room.data();
  for (const Part& part : parts_) at = std::ranges::copy(value(part, exchange), at).out;
  return {room.data(), size};
}

EditHeaders::Compiled EditHeaders::compile(const config::HeaderEdits& edits,
                                           const std::vector<std::string>& parameters) {
  Compiled out{edits.remove, edits.rename, {}, {}};
  for (const auto& [name, value] : edits.set) out.set.push_back({name, Template(value, parameters)});
  for (const auto& [name, value] : edits.add) out.add.push_back({name, Template(value, parameters)});
  return out;
}

EditHeaders::EditHeaders(const config::HeaderEdits& request, const config::HeaderEdits& response,
                         const std::vector<std::string>& parameters)
    : request_(compile(request, parameters)), response_(compile(response, parameters)) {}

void EditHeaders::apply(const Compiled& compiled, const Exchange& exchange, const http1::Fields* fields,
                        Edits& edits) {
  for (const std::string& name : compiled.remove) remove_everywhere(name, fields, edits);
  for (const auto& [from, to] : compiled.rename) rename_fields(from, to, fields, edits);
  for (const Named& each : compiled.set) {
    remove_everywhere(each.name, fields, edits);
    edits.add(each.name, each.value.expand(exchange));
  }
  for (const Named& each : compiled.add) edits.add(each.name, each.value.expand(exchange));
}

void EditHeaders::request(Exchange& exchange) const {
  apply(request_, exchange, &exchange.head->fields, exchange.request);
}

void EditHeaders::response(Exchange& exchange) const {
  apply(response_, exchange, exchange.response_head ? &exchange.response_head->fields : nullptr,
        exchange.response);
}

}  // namespace msctl::gateway::filters
