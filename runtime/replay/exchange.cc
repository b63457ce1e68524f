#include "runtime/replay/exchange.h"

#include <algorithm>
#include <array>

#include "gateway/http1/chunked.h"
#include "gateway/http1/head.h"
#include "runtime/base/clock.h"

namespace msctl::replay {
namespace {

namespace http1 = gateway::http1;

constexpr std::array<std::string_view, 4> secret_fields{"authorization", "cookie", "proxy-authorization",
                                                        "set-cookie"};
constexpr std::string_view redacted = "(not recorded)";
constexpr http1::HeadLimits limits{.bytes = gateway::server::Capture::limit,
                                   .target = gateway::server::Capture::limit};

bool equal_in_any_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

bool is_secret(std::string_view name) {
  return std::ranges::any_of(secret_fields,
                             [&](std::string_view each) { return equal_in_any_case(each, name); });
}

Message message(const http1::Fields& fields, std::string body) {
  Message out;
  for (const http1::Field& field : fields)
    out.headers.emplace_back(field.name, is_secret(field.name) ? redacted : field.value);
  out.body = std::move(body);
  return out;
}

// The content of what follows a head; all there is where a length or a chunk promises more.
std::string content(std::string_view bytes, const http1::Body& body) {
  switch (body.framing) {
    case http1::Framing::none:
      return {};
    case http1::Framing::length:
      return std::string(bytes.substr(0, body.length));
    case http1::Framing::until_close:
      return std::string(bytes);
    case http1::Framing::chunked:
      break;
  }
  std::string out;
  http1::ChunkedDecoder decoder;
  while (!bytes.empty() && !decoder.done()) {
    auto piece = decoder.next(bytes);
    if (piece.state == http1::Outcome::State::fault || piece.consumed == 0) break;
    out += piece.bytes;
    bytes.remove_prefix(piece.consumed);
  }
  return out;
}

bool take_request(std::string_view bytes, Exchange& to) {
  http1::RequestHead head;
  http1::Progress progress;
  auto outcome = http1::parse_request(bytes, limits, progress, head);
  if (outcome.state != http1::Outcome::State::done) return false;
  to.target = head.target;
  to.request = message(head.fields, content(bytes.substr(outcome.consumed), head.body));
  return true;
}

void take_response(std::string_view bytes, bool asked_head, Exchange& to) {
  for (;;) {
    http1::ResponseHead head;
    http1::Progress progress;
    auto outcome = http1::parse_response(bytes, limits, {asked_head, true}, progress, head);
    if (outcome.state != http1::Outcome::State::done) return;
    bytes.remove_prefix(outcome.consumed);
    if (head.interim) continue;
    to.status = head.status;
    to.response = message(head.fields, head.switching ? std::string{} : content(bytes, head.body));
    return;
  }
}

}  // namespace

const std::string* Message::header(std::string_view name) const {
  for (const auto& [each, value] : headers)
    if (equal_in_any_case(each, name)) return &value;
  return nullptr;
}

Exchange exchange_of(const gateway::server::Capture& capture) {
  Exchange out;
  out.at = base::to_rfc3339(capture.at);
  out.method = capture.method;
  out.route = capture.route;
  out.service = capture.upstream;
  out.replica = capture.replica;
  out.request_id = capture.request_id;
  out.truncated = capture.truncated;
  out.cut = capture.cut;
  take_request(capture.request, out);
  take_response(capture.response, capture.method == "HEAD", out);
  return out;
}

}  // namespace msctl::replay
