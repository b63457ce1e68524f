#include "gateway/http1/fault.h"

#include <array>

namespace msctl::gateway::http1 {
namespace {

using base::Code;

FaultInfo bad_request(std::string_view reason, std::string_view detail) {
  return {400, Code::gatewayBadRequest, reason, detail};
}

}  // namespace

const FaultInfo& info(Fault fault) {
  static const auto find = [](Fault each) -> FaultInfo {
    switch (each) {
      case Fault::none:
        return bad_request("none", "");
      case Fault::bad_request_line:
        return bad_request("bad_request_line",
                           "The request line is not 'METHOD TARGET HTTP/1.1' (RFC 9112 section 3).");
      case Fault::bad_method:
        return bad_request("bad_method", "The method is not a token (RFC 9110 section 9.1).");
      case Fault::method_too_long:
        return {501, Code::gatewayNotImplemented, "method_too_long",
                "The method is longer than any that exists."};
      case Fault::connect:
        return {501, Code::gatewayNotImplemented, "connect",
                "The gateway makes no tunnels: CONNECT is not served."};
      case Fault::bad_target:
        return bad_request("bad_target",
                           "The request target is not a valid one for the method (RFC 9112 section 3.2).");
      case Fault::target_too_long:
        return {414, Code::gatewayUriTooLong, "target_too_long",
                "The request target is longer than the gateway takes."};
      case Fault::bad_version:
        return bad_request("bad_version",
                           "The request line does not end in an HTTP version (RFC 9112 section 2.3).");
      case Fault::unsupported_version:
        return {505, Code::gatewayVersion, "unsupported_version",
                "The gateway speaks HTTP/1.0 and HTTP/1.1 here."};
      case Fault::bad_status_line:
        return bad_request("bad_status_line",
                           "The status line is not 'HTTP/1.1 NNN REASON' (RFC 9112 section 4).");
      case Fault::bad_status:
        return bad_request("bad_status", "The status is not one from 100 to 599 (RFC 9110 section 15).");
      case Fault::bare_lf:
        return bad_request("bare_lf", "A line ends in LF without CR (RFC 9112 section 2.2).");
      case Fault::bare_cr:
        return bad_request("bare_cr", "A CR stands without LF (RFC 9112 section 2.2).");
      case Fault::control_character:
        return bad_request("control_character",
                           "A field value holds a control character (RFC 9110 section 5.5).");
      case Fault::obs_fold:
        return bad_request("obs_fold", "A field is folded over several lines (RFC 9112 section 5.2).");
      case Fault::bad_field_name:
        return bad_request("bad_field_name", "A field name is not a token (RFC 9110 section 5.1).");
      case Fault::space_before_colon:
        return bad_request("space_before_colon",
                           "White space stands between a field name and its colon (RFC 9112 section 5.1).");
      case Fault::missing_colon:
        return bad_request("missing_colon", "A field line has no colon (RFC 9112 section 5).");
      case Fault::header_too_large:
        return {431, Code::gatewayHeadersTooLarge, "header_too_large",
                "The header is larger than the gateway takes."};
      case Fault::too_many_fields:
        return {431, Code::gatewayHeadersTooLarge, "too_many_fields",
                "The header has more fields than the gateway takes."};
      case Fault::missing_host:
        return bad_request("missing_host", "The Host field is missing (RFC 9112 section 3.2).");
      case Fault::duplicate_host:
        return bad_request("duplicate_host", "There is more than one Host field (RFC 9112 section 3.2).");
      case Fault::bad_host:
        return bad_request("bad_host", "The host is not a valid one (RFC 3986 section 3.2.2).");
      case Fault::length_and_coding:
        return bad_request("length_and_coding",
                           "Content-Length and Transfer-Encoding exclude each other (RFC 9112 section 6.3).");
      case Fault::bad_length:
        return bad_request("bad_length",
                           "Content-Length is not a decimal number below 2^63 (RFC 9110 section 8.6).");
      case Fault::differing_lengths:
        return bad_request("differing_lengths",
                           "There is more than one Content-Length (RFC 9110 section 8.6).");
      case Fault::unknown_coding:
        return {501, Code::gatewayNotImplemented, "unknown_coding",
                "Transfer-Encoding names a coding other than chunked (RFC 9112 section 6.1)."};
      case Fault::coding_not_final:
        return bad_request("coding_not_final",
                           "Transfer-Encoding is not 'chunked', once and alone (RFC 9112 section 6.1).");
      case Fault::coding_in_http10:
        return bad_request("coding_in_http10", "HTTP/1.0 has no Transfer-Encoding (RFC 9112 section 6.1).");
      case Fault::coding_without_body:
        return bad_request("coding_without_body",
                           "A message without a body has a Transfer-Encoding (RFC 9112 section 6.1).");
      case Fault::length_without_body:
        return bad_request("length_without_body",
                           "A message without a body has a Content-Length above 0 (RFC 9110 section 8.6).");
      case Fault::unexpected_switch:
        return bad_request("unexpected_switch",
                           "101 came without an upgrade having been asked for (RFC 9110 section 15.2.2).");
      case Fault::unknown_expectation:
        return {417, Code::gatewayExpectation, "unknown_expectation",
                "The gateway meets no expectation but 100-continue (RFC 9110 section 10.1.1)."};
      case Fault::bad_chunk_size:
        return bad_request("bad_chunk_size",
                           "A chunk's size is not a hexadecimal number (RFC 9112 section 7.1).");
      case Fault::chunk_size_overflow:
        return bad_request("chunk_size_overflow",
                           "A chunk's size has more than 16 digits or is above 2^63 (RFC 9112 section 7.1).");
      case Fault::chunk_extension_too_long:
        return bad_request(
            "chunk_extension_too_long",
            "The chunk extensions are longer than the gateway takes (RFC 9112 section 7.1.1).");
      case Fault::bad_chunk_extension:
        return bad_request("bad_chunk_extension", "A chunk extension is malformed (RFC 9112 section 7.1.1).");
      case Fault::bad_chunk_end:
        return bad_request("bad_chunk_end",
                           "A chunk does not end in CRLF where its size says (RFC 9112 section 7.1).");
      case Fault::bad_trailer:
        return bad_request("bad_trailer", "A trailer field is malformed (RFC 9112 section 7.1.2).");
      case Fault::trailers_too_large:
        return {431, Code::gatewayHeadersTooLarge, "trailers_too_large",
                "The trailers are larger than the gateway takes."};
      case Fault::body_too_large:
        return {413, Code::gatewayBodyTooLarge, "body_too_large",
                "The body is larger than the gateway takes."};
    }
    return bad_request("none", "");
  };
  constexpr std::size_t count = static_cast<std::size_t>(Fault::body_too_large) + 1;
  static const auto table = [] {
    std::array<FaultInfo, count> all{};
    for (std::size_t i = 0; i < count; ++i) all[i] = find(static_cast<Fault>(i));
    return all;
  }();
  return table[static_cast<std::size_t>(fault)];
}

}  // namespace msctl::gateway::http1
