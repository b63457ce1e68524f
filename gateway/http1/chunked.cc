// A state machine over bytes, except within the content, which is skipped in one go.
#include "gateway/http1/chunked.h"

#include <algorithm>
#include <charconv>

#include "gateway/http1/scan.h"

namespace msctl::gateway::http1 {
namespace {

constexpr std::uint64_t max_size = 0x7FFFFFFFFFFFFFFF;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

// A size line's digits and end.
Fault ChunkedDecoder::take_size(char byte) {
  int digit = hex_digit(byte);
  if (digit >= 0) {
    if (state_ == State::size_space) return Fault::bad_chunk_size;
    if (state_ == State::size_first) remaining_ = 0, digits_ = 0, state_ = State::size;
    if (++digits_ > 16) return Fault::chunk_size_overflow;
    remaining_ = remaining_ * 16 + static_cast<std::uint64_t>(digit);
    return remaining_ > max_size ? Fault::chunk_size_overflow : Fault::none;
  }
  if (state_ == State::size_first) return Fault::bad_chunk_size;
  if (byte == ';') return state_ = State::extension, Fault::none;
  // White space is legal only in front of ';' (bad white space, RFC 9112 section 7.1.1).
  if (byte == ' ' || byte == '\t') {
    state_ = State::size_space;
    return ++extension_bytes_ > extension_limit ? Fault::chunk_extension_too_long : Fault::none;
  }
  if (byte == '\r' && state_ == State::size) return state_ = State::size_lf, Fault::none;
  return Fault::bad_chunk_size;
}

// Tokens, '=', quoted strings, ';' and white space; anything that a lenient parser could take for a line's
// end is refused.
Fault ChunkedDecoder::take_extension(char byte) {
  if (byte == '\r' && state_ == State::extension) return state_ = State::size_lf, Fault::none;
  if (++extension_bytes_ > extension_limit) return Fault::chunk_extension_too_long;
  if (is_control(byte)) return Fault::bad_chunk_extension;
  switch (state_) {
    case State::extension_escape:
      state_ = State::extension_quoted;
      break;
    case State::extension_quoted:
      if (byte == '"') state_ = State::extension;
      if (byte == '\\') state_ = State::extension_escape;
      break;
    default:
      if (byte == '"')
        state_ = State::extension_quoted;
      else if (!is_token_char(byte) && byte != ';' && byte != '=' && byte != ' ' && byte != '\t')
        return Fault::bad_chunk_extension;
  }
  return Fault::none;
}

Fault ChunkedDecoder::end_of_size() {
  if (remaining_ == 0) return state_ = State::trailer_start, Fault::none;
  if (remaining_ > body_limit_ - content_) return Fault::body_too_large;
  content_ += remaining_;
  state_ = State::data;
  return Fault::none;
}

Fault ChunkedDecoder::take_trailer(char byte) {
  if (state_ == State::trailer_start && byte == '\r') return state_ = State::end_lf, Fault::none;
  if (++trailer_bytes_ > trailer_limit) return Fault::trailers_too_large;
  switch (state_) {
    case State::trailer_start:
      state_ = State::trailer_name;
      return is_token_char(byte) ? Fault::none : Fault::bad_trailer;
    case State::trailer_name:
      if (byte == ':') state_ = State::trailer_value;
      return byte == ':' || is_token_char(byte) ? Fault::none : Fault::bad_trailer;
    case State::trailer_value:
      if (byte == '\r') return state_ = State::trailer_lf, Fault::none;
      return is_control(byte) ? Fault::bad_trailer : Fault::none;
    default:  // trailer_lf
      state_ = State::trailer_start;
      return byte == '\n' ? Fault::none : Fault::bad_trailer;
  }
}

Fault ChunkedDecoder::take(char byte) {
  switch (state_) {
    case State::size_first:
    case State::size:
    case State::size_space:
      return take_size(byte);
    case State::extension:
    case State::extension_quoted:
    case State::extension_escape:
      return take_extension(byte);
    case State::size_lf:
      return byte == '\n' ? end_of_size() : Fault::bad_chunk_size;
    case State::data_cr:
      return state_ = State::data_lf, byte == '\r' ? Fault::none : Fault::bad_chunk_end;
    case State::data_lf:
      return state_ = State::size_first, byte == '\n' ? Fault::none : Fault::bad_chunk_end;
    case State::trailer_start:
    case State::trailer_name:
    case State::trailer_value:
    case State::trailer_lf:
      return take_trailer(byte);
    case State::end_lf:
      return state_ = State::done, byte == '\n' ? Fault::none : Fault::bad_trailer;
    case State::failed:
      return fault_;
    case State::data:  // skipped, never taken
    case State::done:
      break;
  }
  return Fault::none;
}

// Whether `pass` leaves this byte, the next one, out.
bool ChunkedDecoder::leaves_out(char byte) const {
  switch (state_) {
    case State::size:
      return byte == ';' || byte == ' ' || byte == '\t';
    case State::size_space:
      return true;
    case State::extension:
      return byte != '\r';
    case State::extension_quoted:
    case State::extension_escape:
      return true;
    case State::trailer_start:
      return byte != '\r';
    case State::trailer_name:
    case State::trailer_value:
    case State::trailer_lf:
      return true;
    default:
      return false;
  }
}

// A piece is: bytes left out, a run that is given out, bytes left out. It ends where a second run would
// begin.
ChunkedDecoder::Piece ChunkedDecoder::pass(std::string_view input) {
  std::size_t begin = 0, end = input.size();  // of the run
  std::size_t at = 0;
  while (at < input.size() && state_ != State::done) {
    if (state_ == State::data) {
      at += skip(input.size() - at);
      continue;
    }
    if (leaves_out(input[at])) {
      if (begin == at)
        begin = at + 1;
      else
        end = std::min(end, at);
    } else if (end < at) {
      break;
    }
    if (Fault fault = take(input[at]); fault != Fault::none) return failed(fault, at);
    ++at;
  }
  end = std::min(end, at);
  return {state(), Fault::none, at, input.substr(std::min(begin, end), end - std::min(begin, end))};
}

ChunkedDecoder::Piece ChunkedDecoder::next(std::string_view input) {
  for (std::size_t at = 0; at < input.size() && state_ != State::done; ++at) {
    if (state_ == State::data) {
      std::size_t run = skip(input.size() - at);
      return {state(), Fault::none, at + run, input.substr(at, run)};
    }
    if (Fault fault = take(input[at]); fault != Fault::none) return failed(fault, at);
    if (state_ == State::done) return {state(), Fault::none, at + 1, {}};
  }
  return {state(), Fault::none, state_ == State::done ? 0 : input.size(), {}};
}

// Goes over as much of the chunk's content as there is.
std::size_t ChunkedDecoder::skip(std::size_t available) {
  auto run = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, available));
  remaining_ -= run;
  if (remaining_ == 0) state_ = State::data_cr;
  return run;
}

ChunkedDecoder::Piece ChunkedDecoder::failed(Fault fault, std::size_t at) {
  state_ = State::failed;
  fault_ = fault;
  return {Outcome::State::fault, fault, at, {}};
}

std::string_view chunk_head(std::uint64_t size, char (&out)[20]) {
  char* end = std::to_chars(out, out + 16, size, 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  return {out, static_cast<std::size_t>(end - out)};
}

}  // namespace msctl::gateway::http1
