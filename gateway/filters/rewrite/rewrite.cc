#include "gateway/filters/rewrite/rewrite.h"

namespace msctl::gateway::filters {
namespace {

std::string without_slash(std::string text) {
  while (text.ends_with('/')) text.pop_back();
  return text;
}

}  // namespace

Rewrite::Rewrite(const config::RequestEdits& edits)
    : strip_(without_slash(edits.strip_prefix)), front_(without_slash(edits.replace_prefix)) {}

void Rewrite::request(Exchange& exchange) const {
  std::string_view path = exchange.path;
  bool stripped = !strip_.empty() && path.starts_with(strip_) &&
                  (path.size() == strip_.size() || path[strip_.size()] == '/');
  if (stripped) path.remove_prefix(strip_.size());
  if (!front_.empty()) path = path.empty() ? std::string_view(front_) : exchange.arena->join(front_, path);
  exchange.upstream_path = path.empty() ? "/" : path;

  std::string_view outer;
  for (std::size_t i = 0; i < exchange.head->fields.size(); ++i) {
    const http1::Field& field = exchange.head->fields[i];
    if (field.id != http1::Name::x_forwarded_prefix) continue;
    if (exchange.trusted && !stripped) continue;
    exchange.request.remove(i);
    if (exchange.trusted) outer = field.value;
  }
  if (!stripped) return;
  while (outer.ends_with('/')) outer.remove_suffix(1);
  exchange.request.add("X-Forwarded-Prefix",
                       outer.empty() ? std::string_view(strip_) : exchange.arena->join(outer, strip_));
}

}  // namespace msctl::gateway::filters
