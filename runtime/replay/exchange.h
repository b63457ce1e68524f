// A request to a replica and its answer, as recorded: what `run --record` writes, one JSON object a line, and
// what contract tests and comparisons read.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "gateway/server/witness.h"
#include "runtime/base/error.h"

namespace msctl::replay {

struct Message {
  std::vector<std::pair<std::string, std::string>> headers;  // in order, as they were sent
  std::string body;                                          // without its framing

  // The value of the first field of this name (any case), or null.
  const std::string* header(std::string_view name) const;
};

struct Exchange {
  std::string at;  // RFC 3339, when the request was sent
  std::string method, target, route, service, replica, request_id;
  int status = 0;  // 0: there was no whole answer's head
  Message request, response;
  bool truncated = false;  // a body was longer than is recorded
  bool cut = false;        // the answer did not come whole

  // The target's two parts: "/items" and "limit=2".
  std::string path() const { return target.substr(0, target.find('?')); }
  std::string query() const {
    std::size_t mark = target.find('?');
    return mark == std::string::npos ? std::string{} : target.substr(mark + 1);
  }
};

// From the bytes on the wire. Fields that carry secrets (Authorization, Cookie, Set-Cookie,
// Proxy-Authorization) keep their name, and lose their value.
Exchange exchange_of(const gateway::server::Capture& capture);

// Bodies that are no UTF-8 stand there as base64.
nlohmann::ordered_json to_json(const Exchange& exchange);

// Nothing where the line is no recorded exchange: the last one of a run that was killed may be half written.
std::optional<Exchange> exchange_in(std::string_view line);

// All exchanges of a file, in the order in which they began. Errors: unreadableFile.
base::Result<std::vector<Exchange>> read_recording(const std::string& path);

}  // namespace msctl::replay
