// What can be wrong with a message, and what the answer to it is. In a request the status is the answer's; in
// a response every fault is a 502 (gatewayUpstreamInvalid) with the same detail. After any of them the
// connection is closed.
#pragma once

#include <cstdint>
#include <string_view>

#include "runtime/base/codes.h"

namespace msctl::gateway::http1 {

enum class Fault : std::uint8_t {
  none,
  // the start line
  bad_request_line,
  bad_method,
  method_too_long,
  connect,
  bad_target,
  target_too_long,
  bad_version,
  unsupported_version,
  bad_status_line,
  bad_status,
  // lines and fields
  bare_lf,
  bare_cr,
  control_character,
  obs_fold,
  bad_field_name,
  space_before_colon,
  missing_colon,
  header_too_large,
  too_many_fields,
  // Host
  missing_host,
  duplicate_host,
  bad_host,
  // framing
  length_and_coding,
  bad_length,
  differing_lengths,
  unknown_coding,
  coding_not_final,
  coding_in_http10,
  coding_without_body,
  length_without_body,
  unexpected_switch,
  unknown_expectation,
  // chunked bodies
  bad_chunk_size,
  chunk_size_overflow,
  chunk_extension_too_long,
  bad_chunk_extension,
  bad_chunk_end,
  bad_trailer,
  trailers_too_large,
  body_too_large,
};

struct FaultInfo {
  int status;  // of the answer to a request
  base::Code code;
  std::string_view reason;  // a word for logs and metrics: "obs_fold"
  std::string_view detail;  // a sentence for the answer
};

const FaultInfo& info(Fault fault);

// The result of parsing what has arrived so far.
struct Outcome {
  enum class State : std::uint8_t { need_more, done, fault };
  State state = State::need_more;
  Fault fault = Fault::none;
  std::size_t consumed = 0;  // when done: the size of the head, so where the body begins
};

}  // namespace msctl::gateway::http1
