// Chunked bodies (RFC 9112 section 7.1), piece by piece, without copying. Two ways to use one decoder:
//
//   pass(input)  for sending the body on in chunks: gives the part of the input that may be forwarded as it
//   is. Extensions and
//                trailers are checked and left out (a trailer could smuggle a field past the filters; RFC
//                9110 section 6.5.1 lets an intermediary drop them), so several parts may come out of one
//                input: call until consumed is all.
//   next(input)  for the content itself: gives the next run of it.
//
// Bounded: 16 digits of size, `extension_limit` bytes of extensions in the whole body, `trailer_limit` bytes
// of trailers.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

#include "gateway/http1/fault.h"

namespace msctl::gateway::http1 {

class ChunkedDecoder {
public:
  static constexpr std::size_t extension_limit = 4096;
  static constexpr std::size_t trailer_limit = 8192;

  // `body_limit`: more content than this is Fault::body_too_large, told at the chunk size that exceeds it.
  explicit ChunkedDecoder(std::uint64_t body_limit = std::numeric_limits<std::uint64_t>::max())
      : body_limit_(body_limit) {}

  struct Piece {
    Outcome::State state =
        Outcome::State::need_more;  // done: the body ended, and `consumed` stops right behind it
    Fault fault = Fault::none;
    std::size_t consumed =
        0;  // bytes of the input dealt with; less than all only when another call has more to give, or done
    std::string_view bytes;  // to forward (pass) or the content (next); may be empty
  };
  Piece pass(std::string_view input);
  Piece next(std::string_view input);

  std::uint64_t content_bytes() const { return content_; }  // announced so far
  bool done() const { return state_ == State::done; }

private:
  enum class State : std::uint8_t {
    size_first,
    size,
    size_space,
    extension,
    extension_quoted,
    extension_escape,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer_start,
    trailer_name,
    trailer_value,
    trailer_lf,
    end_lf,
    done,
    failed,
  };
  bool leaves_out(char byte) const;
  std::size_t skip(std::size_t available);
  Piece failed(Fault fault, std::size_t at);
  Outcome::State state() const { return done() ? Outcome::State::done : Outcome::State::need_more; }
  Fault take(char byte);
  Fault take_size(char byte);
  Fault take_extension(char byte);
  Fault take_trailer(char byte);
  Fault end_of_size();

  std::uint64_t body_limit_;
  std::uint64_t content_ = 0;
  std::uint64_t remaining_ = 0;  // of the chunk, or its size while that is read
  std::uint32_t extension_bytes_ = 0;
  std::uint32_t trailer_bytes_ = 0;
  std::uint8_t digits_ = 0;
  Fault fault_ = Fault::none;
  State state_ = State::size_first;
};

// Writes "1f4\r\n" into `out`; for bodies that the gateway chunks itself. Behind the content comes "\r\n".
std::string_view chunk_head(std::uint64_t size, char (&out)[20]);

}  // namespace msctl::gateway::http1
