#include "gateway/filters/respond/respond.h"

namespace msctl::gateway::filters {

Respond::Respond(const config::Respond& respond, const std::vector<std::string>& parameters)
    : respond_(respond) {
  for (const auto& [name, value] : respond.headers) headers_.emplace_back(name, Template(value, parameters));
}

bool Respond::admit(Exchange& exchange) const {
  exchange.answer.status = respond_.status;
  exchange.answer.body = respond_.body;
  exchange.answer.configured = true;
  exchange.answer.reason = "respond";
  return false;
}

// Only when the answer is this one: a filter before may have answered.
void Respond::response(Exchange& exchange) const {
  if (!exchange.answer.configured) return;
  bool typed = false;
  for (const auto& [name, value] : headers_) {
    exchange.response.add(name, value.expand(exchange));
    typed = typed || http1::same_name(name, "Content-Type");
  }
  if (!typed && !respond_.body.empty()) exchange.response.add("Content-Type", "text/plain; charset=utf-8");
}

}  // namespace msctl::gateway::filters
