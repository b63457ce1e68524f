// A path has many spellings; what is checked and what the upstream reads must be the same one. So each
// request's path is brought into one form, once, and that form is routed, authorised and forwarded (RFC 3986
// section 6.2.2, and stricter):
//
//   - %XX of a character that may stand in a path as it is becomes that character (unreserved ones and ! $ &
//   ' ( ) * , = : @;
//     not '+', which some storage services read as a space); other escapes get capital digits;
//   - characters that no path may hold raw, but that clients send all the same (" < > [ ] ^ ` { | }), are
//   escaped;
//   - "." and ".." segments are removed.
//
// Refused, because upstreams disagree on the meaning: an escaped slash, backslash or control character; a raw
// backslash; a wrong escape; escapes that are not UTF-8 (overlong forms among it); ".." above the root; empty
// segments ("//"), which some merge; ';' in any spelling, which some cut off ("/..;/"); an escape of an
// escape ("%252f") that a second decoding would turn into one of these.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string_view>

namespace msctl::gateway::path {

enum class Fault : std::uint8_t {
  not_absolute,     // does not begin with '/'
  bad_character,    // a space, a control character, a byte above 0x7E, '#' or '?'
  backslash,        // raw or %5C
  encoded_slash,    // %2F
  encoded_control,  // %00 to %1F, %7F
  bad_escape,       // '%' without two hexadecimal digits
  bad_utf8,         // escapes that are not UTF-8
  above_root,       // more ".." than segments
  empty_segment,    // "//"
  semicolon,        // ';' or %3B
  double_encoding,  // %25 followed by 2F, 5C, 2E, 3B, 25 or a control character
};

// One sentence, for the answer's detail.
std::string_view describe(Fault fault);

// How much room `normalise` may need for a path of this size.
constexpr std::size_t room(std::size_t size) {
  return 3 * size;
}

// The normal form of `path` (without query). It is `path` itself when that is normal already, and otherwise
// lies in `scratch`, which has at least room(path.size()) bytes. Idempotent.
std::expected<std::string_view, Fault> normalise(std::string_view path, std::span<char> scratch);

// Whether a query (without '?') is one: visible ASCII without '#', each '%' with two hexadecimal digits. It
// is forwarded raw.
bool valid_query(std::string_view query);

}  // namespace msctl::gateway::path
