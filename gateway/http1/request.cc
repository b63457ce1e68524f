// Requests' heads. While the empty line that ends the head is missing, only complete lines are looked at, and
// only when a new one has come: a head that arrives byte by byte is scanned once, and parsed at most once a
// line.
#include <algorithm>

#include "gateway/http1/authority.h"
#include "gateway/http1/field_lines.h"
#include "gateway/http1/head.h"
#include "gateway/http1/scan.h"
#include "gateway/http1/target.h"

namespace msctl::gateway::http1 {
namespace {

constexpr std::size_t max_method = 32;

Outcome fail(Fault fault) {
  return {Outcome::State::fault, fault, 0};
}

void clear(RequestHead& head) {
  head.fields.clear();
  head.method = head.target = head.path = head.query = head.authority = head.host = head.upgrade = {};
  head.asterisk = head.has_query = head.expect_continue = false;
  head.keep_alive = true;
  head.port = 0;
  head.minor = 1;
  head.body = {};
}

Fault parse_version(std::string_view version, RequestHead& head) {
  auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (version.size() != 8 || !version.starts_with("HTTP/") || !digit(version[5]) || version[6] != '.' ||
      !digit(version[7]))
    return Fault::bad_version;
  if (version[5] != '1') return Fault::unsupported_version;
  head.minor = version[7] == '0' ? 0 : 1;  // 1.2 and later would be spoken to as 1.1 (RFC 9110 section 2.5)
  return Fault::none;
}

// METHOD SP TARGET SP VERSION, with exactly these two spaces.
Fault parse_request_line(std::string_view line, const HeadLimits& limits, RequestHead& head) {
  std::size_t end = 0;
  while (end < line.size() && is_token_char(line[end])) ++end;
  if (end == 0 || (end < line.size() && line[end] != ' ')) return Fault::bad_method;
  if (end == line.size()) return Fault::bad_request_line;
  if (end > max_method) return Fault::method_too_long;
  head.method = line.substr(0, end);
  head.method_id = method_of(head.method);
  std::string_view rest = line.substr(end + 1);
  std::size_t space = std::min(rest.find(' '), rest.size());
  if (space > limits.target) return Fault::target_too_long;
  if (space == 0 || space == rest.size()) return Fault::bad_request_line;
  head.target = rest.substr(0, space);
  if (Fault fault = parse_version(rest.substr(space + 1), head); fault != Fault::none) return fault;
  if (head.method == "CONNECT") return Fault::connect;
  return parse_target(head);
}

// An absolute target overrides Host, which must be there and valid all the same.
Fault settle_host(const Signs& signs, RequestHead& head) {
  if (signs.hosts == 0) return head.minor == 0 ? Fault::none : Fault::missing_host;
  Authority authority;
  if (!parse_authority(signs.host, authority)) return Fault::bad_host;
  if (!head.authority.empty()) return Fault::none;
  head.authority = signs.host;
  head.host = authority.host;
  head.port = authority.port;
  return Fault::none;
}

bool has_content(const RequestHead& head) {
  return head.body.framing == Framing::chunked || head.body.length > 0;
}

Fault settle_body(const Signs& signs, RequestHead& head) {
  if (Fault fault = check_coding(signs, head.minor); fault != Fault::none) return fault;
  if (signs.has_coding)
    head.body = {Framing::chunked, 0};
  else if (signs.lengths > 0)
    head.body = {Framing::length, signs.length};
  if (head.minor == 0) return Fault::none;  // HTTP/1.0 knows no Expect
  if (signs.unknown_expectation) return Fault::unknown_expectation;
  head.expect_continue = signs.expect_continue && has_content(head);
  return Fault::none;
}

// One protocol, not h2c (a way around the gateway's filters), no body before the switch.
void settle_connection(const Signs& signs, RequestHead& head) {
  head.keep_alive = !signs.close && (head.minor == 1 || signs.keep_alive);
  std::string_view protocol = signs.upgrade_to.substr(0, signs.upgrade_to.find('/'));
  if (signs.upgrade && head.minor == 1 && !has_content(head) && head.method_id == Method::get &&
      is_token(protocol) && signs.upgrade_to.find(',') == std::string_view::npos &&
      !same_name(protocol, "h2c") && !same_name(protocol, "http"))
    head.upgrade = signs.upgrade_to;
}

Outcome parse_lines(std::string_view buffer, const HeadLimits& limits, RequestHead& head) {
  std::size_t begin = buffer.starts_with("\r\n") ? 2 : 0;
  Lines lines(buffer, begin);
  std::string_view line;
  switch (lines.next(line)) {
    case Lines::Next::need_more:
      return {};
    case Lines::Next::bare_lf:
      return fail(Fault::bare_lf);
    case Lines::Next::line:
      break;
  }
  if (Fault fault = parse_request_line(line, limits, head); fault != Fault::none) return fail(fault);
  Signs signs;
  Outcome outcome = parse_fields(lines, limits, head.fields, signs);
  if (outcome.state != Outcome::State::done) return outcome;
  for (auto settle : {settle_host, settle_body})
    if (Fault fault = settle(signs, head); fault != Fault::none) return fail(fault);
  settle_connection(signs, head);
  return outcome;
}

}  // namespace

Outcome parse_request(std::string_view buffer, const HeadLimits& limits, Progress& progress,
                      RequestHead& head) {
  // What is not even the beginning of a method (TLS, say) is told at its first byte.
  std::size_t first = buffer.starts_with("\r\n") ? 2 : 0;
  if (first < buffer.size() && !is_token_char(buffer[first]) && buffer[first] != '\r' &&
      buffer[first] != '\n')
    return fail(Fault::bad_method);
  std::string_view within = buffer.substr(0, limits.bytes);
  bool new_line = within.find('\n', progress.scanned) != std::string_view::npos;
  progress.scanned = within.size();
  // A target that is too long is told before its line has ended, and from as many bytes whether it has or
  // not.
  std::string_view longest = within.substr(std::min(first, within.size()), limits.target + max_method + 3);
  if (longest.size() == limits.target + max_method + 3 && longest.find('\n') == std::string_view::npos) {
    Fault fault = parse_request_line(longest, limits, head);
    return fail(fault == Fault::none ? Fault::target_too_long : fault);
  }
  if (new_line) {
    clear(head);
    if (Outcome outcome = parse_lines(within, limits, head); outcome.state != Outcome::State::need_more)
      return outcome;
  }
  return buffer.size() >= limits.bytes ? fail(Fault::header_too_large) : Outcome{};
}

}  // namespace msctl::gateway::http1
