// Heads of requests and responses (RFC 9112), parsed in place: every string_view is a slice of the buffer
// given, which must stay where it is while the head is in use. Nothing is allocated. Heads are large (5 KiB):
// keep one for each exchange under way, not for each connection; a connection between requests needs only a
// Progress.
//
// Call again with the same beginning and more behind it until the outcome is not need_more. Whatever the
// pieces, the result is the same. A fault is found as soon as its line is complete.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gateway/http1/fault.h"
#include "gateway/http1/fields.h"

namespace msctl::gateway::http1 {

enum class Method : std::uint8_t { get, head, post, put, delete_, patch, options, trace, other };

enum class Framing : std::uint8_t { none, length, chunked, until_close };

struct Body {
  Framing framing = Framing::none;
  std::uint64_t length = 0;  // for Framing::length
};

struct RequestHead {
  std::string_view method, target;  // as sent
  Method method_id = Method::other;
  bool asterisk = false;   // "OPTIONS *": asks the gateway itself; no path
  std::string_view path;   // as sent, "/" where an absolute target has none; normalise before use
  std::string_view query;  // without '?', valid, raw
  bool has_query = false;  // "/a?" has an empty one
  std::string_view
      authority;  // "host:port" in force: of an absolute target, otherwise of Host; empty only in HTTP/1.0
  std::string_view host;   // its host, with brackets, without a trailing dot; any case
  std::uint16_t port = 0;  // 0: not stated
  std::uint8_t minor = 1;  // HTTP/1.minor, 0 or 1
  Fields fields;
  Body body;                     // none, length (also of 0, where that was stated) or chunked
  bool keep_alive = true;        // the client lets the connection stay open
  bool expect_continue = false;  // waits for 100 before the body (only HTTP/1.1 with a body)
  std::string_view upgrade;      // the protocol asked for, if the request may be upgraded at all; never h2c
};

struct ResponseHead {
  int status = 0;
  std::string_view reason;
  std::uint8_t minor = 1;
  Fields fields;
  Body body;                // how what follows ends; none for 1xx, 204, 304 and answers to HEAD
  bool has_length = false;  // Content-Length was stated, perhaps without a body (HEAD, 304): pass it on
  std::uint64_t length = 0;
  bool keep_alive = true;    // the connection may be used again after the body
  bool interim = false;      // 1xx except 101: another head follows
  bool switching = false;    // 101: what follows is the other protocol
  std::string_view upgrade;  // the protocol of a 101
};

struct HeadLimits {
  std::size_t bytes = 64 * 1024;   // of the whole head
  std::size_t target = 16 * 1024;  // of the request target
  std::size_t fields = max_fields;
};

// How far earlier calls came. A fresh one for each head.
struct Progress {
  std::size_t scanned = 0;
};

// One empty line before the request line is skipped (RFC 9112 section 2.2) and counted as consumed.
Outcome parse_request(std::string_view buffer, const HeadLimits& limits, Progress& progress,
                      RequestHead& head);

// What the request was decides how its response ends.
struct Asked {
  bool head = false;     // HEAD
  bool upgrade = false;  // an upgrade was forwarded, so that 101 may come
};
Outcome parse_response(std::string_view buffer, const HeadLimits& limits, Asked asked, Progress& progress,
                       ResponseHead& head);

}  // namespace msctl::gateway::http1
