// Responses' heads, as strictly as requests': an upstream may have been talked into writing what an attacker
// wants a client to read (response splitting), and a response whose end is uncertain would poison the pooled
// connection.
#include <cstring>

#include "gateway/http1/field_lines.h"
#include "gateway/http1/head.h"
#include "gateway/http1/scan.h"

namespace msctl::gateway::http1 {
namespace {

Outcome fail(Fault fault) {
  return {Outcome::State::fault, fault, 0};
}

void clear(ResponseHead& head) {
  head.fields.clear();
  head.status = 0;
  head.reason = head.upgrade = {};
  head.minor = 1;
  head.body = {};
  head.keep_alive = true;
  head.interim = head.switching = head.has_length = false;
  head.length = 0;
}

// HTTP/1.x SP 3DIGIT [ SP reason ]: the space is left out by some servers when there is no reason.
Fault parse_status_line(std::string_view line, ResponseHead& head) {
  auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (line.size() < 12 || !line.starts_with("HTTP/") || !digit(line[5]) || line[6] != '.' ||
      !digit(line[7]) || line[8] != ' ')
    return Fault::bad_status_line;
  if (line[5] != '1') return Fault::unsupported_version;
  if (!digit(line[9]) || !digit(line[10]) || !digit(line[11]) || (line.size() > 12 && line[12] != ' '))
    return Fault::bad_status_line;
  head.minor = line[7] == '0' ? 0 : 1;
  head.status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  if (head.status < 100 || head.status > 599) return Fault::bad_status;
  if (line.size() > 13) head.reason = line.substr(13);
  return find_control(head.reason) == head.reason.size() ? Fault::none : Fault::bad_status_line;
}

// RFC 9112 section 6.3, with everything that could be read in two ways refused.
Fault settle_body(const Signs& signs, Asked asked, ResponseHead& head) {
  bool bodiless_status = head.status < 200 || head.status == 204;
  if (bodiless_status && signs.has_coding) return Fault::coding_without_body;
  if (bodiless_status && signs.lengths > 0 && signs.length > 0) return Fault::length_without_body;
  if (Fault fault = check_coding(signs, head.minor); fault != Fault::none) return fault;
  if (bodiless_status) return Fault::none;
  head.has_length = signs.lengths > 0;
  head.length = signs.length;
  if (asked.head || head.status == 304) return Fault::none;
  if (signs.has_coding)
    head.body = {Framing::chunked, 0};
  else if (head.has_length)
    head.body = {Framing::length, signs.length};
  else
    head.body = {Framing::until_close, 0};
  return Fault::none;
}

Fault settle_connection(const Signs& signs, Asked asked, ResponseHead& head) {
  head.interim = head.status < 200 && head.status != 101;
  head.switching = head.status == 101;
  head.keep_alive = !signs.close && (head.minor == 1 || signs.keep_alive) &&
                    head.body.framing != Framing::until_close && !head.switching;
  if (!head.switching) return Fault::none;
  if (!asked.upgrade || !signs.upgrade || signs.upgrade_to.empty()) return Fault::unexpected_switch;
  head.upgrade = signs.upgrade_to;
  return Fault::none;
}

Outcome parse_lines(std::string_view buffer, const HeadLimits& limits, Asked asked, ResponseHead& head) {
  Lines lines(buffer, 0);
  std::string_view line;
  switch (lines.next(line)) {
    case Lines::Next::need_more:
      return {};
    case Lines::Next::bare_lf:
      return fail(Fault::bare_lf);
    case Lines::Next::line:
      break;
  }
  if (Fault fault = parse_status_line(line, head); fault != Fault::none) return fail(fault);
  Signs signs;
  Outcome outcome = parse_fields(lines, limits, head.fields, signs);
  if (outcome.state != Outcome::State::done) return outcome;
  for (auto settle : {settle_body, settle_connection})
    if (Fault fault = settle(signs, asked, head); fault != Fault::none) return fail(fault);
  return outcome;
}

}  // namespace

Outcome parse_response(std::string_view buffer, const HeadLimits& limits, Asked asked, Progress& progress,
                       ResponseHead& head) {
  if (!buffer.empty() && buffer[0] != 'H') return fail(Fault::bad_status_line);
  std::string_view within = buffer.substr(0, limits.bytes);
  bool new_line = within.find('\n', progress.scanned) != std::string_view::npos;
  progress.scanned = within.size();
  if (new_line) {
    clear(head);
    if (Outcome outcome = parse_lines(within, limits, asked, head);
        outcome.state != Outcome::State::need_more)
      return outcome;
  }
  return buffer.size() >= limits.bytes ? fail(Fault::header_too_large) : Outcome{};
}

}  // namespace msctl::gateway::http1
