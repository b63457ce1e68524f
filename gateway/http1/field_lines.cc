#include "gateway/http1/field_lines.h"

#include "gateway/http1/scan.h"

namespace msctl::gateway::http1 {
namespace {

// 1*DIGIT below 2^63. A list of equal numbers, which RFC 9110 section 8.6 lets one accept, is refused: nobody
// sends it in good faith, and it is one more thing for two parsers to read differently.
bool parse_length(std::string_view text, std::uint64_t& length) {
  if (text.empty() || text.size() > 19) return false;
  length = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return false;
    length = length * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return length <= std::uint64_t{0x7FFFFFFFFFFFFFFF};
}

Fault note_coding(std::string_view value, Signs& signs) {
  signs.has_coding = true;
  // Empty elements ("chunked,") are legal lists, but parsers differ about them.
  std::string_view rest = value;
  while (true) {
    std::size_t comma = rest.find(',');
    std::string_view coding = trim(rest.substr(0, comma));
    if (coding.empty()) return Fault::coding_not_final;
    if (signs.codings < 255) ++signs.codings;
    signs.chunked_last = same_name(coding, "chunked");
    (signs.chunked_last ? signs.chunked : signs.other_coding) = true;
    if (comma == std::string_view::npos) return Fault::none;
    rest.remove_prefix(comma + 1);
  }
}

void note_connection(std::string_view value, Signs& signs) {
  for_each_element(value, [&](std::string_view option) {
    if (same_name(option, "close")) signs.close = true;
    if (same_name(option, "keep-alive")) signs.keep_alive = true;
    if (same_name(option, "upgrade")) signs.upgrade = true;
  });
}

}  // namespace

Fault parse_field(std::string_view line, Field& field) {
  if (line[0] == ' ' || line[0] == '\t') return Fault::obs_fold;
  std::size_t colon = 0;
  while (colon < line.size() && is_token_char(line[colon])) ++colon;
  if (colon == line.size()) return Fault::missing_colon;
  if (line[colon] != ':') {
    if (line[colon] != ' ' && line[colon] != '\t')
      return line[colon] == '\r' ? Fault::bare_cr : Fault::bad_field_name;
    std::size_t behind = line.find_first_not_of(" \t", colon);
    return behind != std::string_view::npos && line[behind] == ':' ? Fault::space_before_colon
                                                                   : Fault::bad_field_name;
  }
  if (colon == 0) return Fault::bad_field_name;
  std::size_t control = find_control(line, colon + 1);
  if (control != line.size()) return line[control] == '\r' ? Fault::bare_cr : Fault::control_character;
  field.name = line.substr(0, colon);
  field.value = trim(line.substr(colon + 1));
  field.id = classify(field.name);
  return Fault::none;
}

Fault note(const Field& field, Signs& signs) {
  switch (field.id) {
    case Name::content_length:
      if (signs.lengths++ > 0) return Fault::differing_lengths;
      return parse_length(field.value, signs.length) ? Fault::none : Fault::bad_length;
    case Name::transfer_encoding:
      return note_coding(field.value, signs);
    case Name::connection:
      return note_connection(field.value, signs), Fault::none;
    case Name::upgrade:
      signs.upgrade_to = signs.upgrade_to.empty() ? field.value : std::string_view(",");
      break;
    case Name::host:
      if (signs.hosts++ > 0) return Fault::duplicate_host;
      signs.host = field.value;
      break;
    case Name::expect:
      if (same_name(field.value, "100-continue"))
        signs.expect_continue = true;
      else
        signs.unknown_expectation = true;
      break;
    default:
      break;
  }
  return Fault::none;
}

Outcome parse_fields(Lines& lines, const HeadLimits& limits, Fields& fields, Signs& signs) {
  std::string_view line;
  while (true) {
    switch (lines.next(line)) {
      case Lines::Next::need_more:
        return {};
      case Lines::Next::bare_lf:
        return {Outcome::State::fault, Fault::bare_lf, 0};
      case Lines::Next::line:
        break;
    }
    if (line.empty()) return {Outcome::State::done, Fault::none, lines.at()};
    Field field;
    Fault fault = parse_field(line, field);
    if (fault == Fault::none && (fields.size() >= limits.fields || !fields.add(field)))
      fault = Fault::too_many_fields;
    if (fault == Fault::none && field.id != Name::other) fault = note(field, signs);
    if (fault != Fault::none) return {Outcome::State::fault, fault, 0};
  }
}

Fault check_coding(const Signs& signs, std::uint8_t minor) {
  if (!signs.has_coding) return Fault::none;
  if (signs.lengths > 0) return Fault::length_and_coding;
  if (minor == 0) return Fault::coding_in_http10;
  if (signs.other_coding)
    return signs.chunked && !signs.chunked_last ? Fault::coding_not_final : Fault::unknown_coding;
  return signs.codings == 1 ? Fault::none : Fault::coding_not_final;
}

}  // namespace msctl::gateway::http1
