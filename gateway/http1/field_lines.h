// What requests and responses have in common: lines, fields, and the fields that frame the body.
#pragma once

#include <cstring>
#include <string_view>

#include "gateway/http1/head.h"

namespace msctl::gateway::http1 {

// Gives the lines of a buffer one by one. A line is complete with its LF; it must end in CRLF and hold no
// other CR.
class Lines {
public:
  Lines(std::string_view buffer, std::size_t at) : buffer_(buffer), at_(at) {}

  enum class Next : std::uint8_t { line, need_more, bare_lf };
  Next next(std::string_view& line) {
    const char* begin = buffer_.data() + at_;
    const void* found = at_ < buffer_.size() ? std::memchr(begin, '\n', buffer_.size() - at_) : nullptr;
    if (!found) return Next::need_more;
    auto size = static_cast<std::size_t>(static_cast<const char*>(found) - begin);
    at_ += size + 1;
    if (size == 0 || begin[size - 1] != '\r') return Next::bare_lf;
    line = {begin, size - 1};
    return Next::line;
  }
  std::size_t at() const { return at_; }  // behind the last line given

private:
  std::string_view buffer_;
  std::size_t at_;
};

// One field line, without its CRLF.
Fault parse_field(std::string_view line, Field& field);

// What framing and connection fields say, collected over a whole head.
struct Signs {
  std::uint64_t length = 0;
  std::uint8_t lengths = 0;  // how many Content-Length fields
  std::uint8_t codings = 0;  // how many elements in Transfer-Encoding
  bool chunked = false, chunked_last = false, other_coding = false, has_coding = false;
  bool close = false, keep_alive = false, upgrade = false;  // Connection's options
  std::string_view upgrade_to;                              // Upgrade
  std::uint8_t hosts = 0;
  std::string_view host;
  bool expect_continue = false, unknown_expectation = false;
};
Fault note(const Field& field, Signs& framing);

// The fields from `lines` on, up to the empty line.
Outcome parse_fields(Lines& lines, const HeadLimits& limits, Fields& fields, Signs& framing);

// Whether the body is chunked, and that nothing contradicts it.
Fault check_coding(const Signs& framing, std::uint8_t minor);

}  // namespace msctl::gateway::http1
