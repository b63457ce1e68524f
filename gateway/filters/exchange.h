// What filters see of a request, and where they write what shall change. All views live at least until the
// exchange is reset: in the connection's buffer, in the configuration's snapshot, or in the arena.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <string_view>

#include "gateway/filters/address.h"
#include "gateway/filters/arena.h"
#include "gateway/filters/random.h"
#include "gateway/http1/head.h"
#include "gateway/router/table.h"
#include "runtime/base/codes.h"

namespace msctl::gateway::filters {

struct Header {
  std::string_view name, value;
};

// The changes to a head on its way through: which of its fields stay behind, and which are new.
class Edits {
public:
  static constexpr std::size_t max_added = 64;

  void clear() { removed_.reset(), added_size_ = 0, overflow_ = false; }
  void remove(std::size_t index) { removed_.set(index); }
  bool removed(std::size_t index) const { return removed_.test(index); }
  // False, and overflow() from then on, when there is no room: the server answers 431 (request) or 502
  // (response).
  bool add(std::string_view name, std::string_view value) {
    if (added_size_ == max_added) return overflow_ = true, false;
    added_[added_size_++] = {name, value};
    return true;
  }
  // Takes added ones of this name (any case) out again.
  void drop_added(std::string_view name);
  bool has_added(std::string_view name) const;  // any case
  std::size_t added_size() const { return added_size_; }
  const Header* begin() const { return added_.data(); }
  const Header* end() const { return added_.data() + added_size_; }
  bool overflow() const { return overflow_; }

private:
  std::bitset<http1::max_fields> removed_;
  std::array<Header, max_added> added_;
  std::size_t added_size_ = 0;
  bool overflow_ = false;
};

// Who calls, once authenticated. Lives in the snapshot.
struct Consumer {
  std::string_view name;
  std::string_view groups;  // "a,b", as X-Consumer-Groups has it
};

// The gateway's own answer instead of the upstream's.
struct Answer {
  int status = 0;     // 0: none
  base::Code code{};  // for a problem document
  std::string_view detail;
  const char* reason = "";  // a word for the metric msctl_gateway_rejected_total{reason}
  std::string_view body;    // of a configured answer; otherwise the body is the problem document
  bool configured = false;  // `respond`: body and headers are the configuration's, not a problem
};

struct Exchange {
  // Set by the server before the chain runs.
  const http1::RequestHead* head = nullptr;
  std::string_view path;  // normalised
  const router::Parameters* parameters = nullptr;
  Address peer;  // the socket's other end
  std::string_view scheme = "http";
  std::uint64_t now = 0;  // nanoseconds of the steady clock
  Arena* arena = nullptr;
  Random* random = nullptr;

  // Set by Edge::identify, before routing.
  bool trusted = false;             // the peer is a trusted proxy
  Address client;                   // who asks: the peer, or whom trusted proxies name
  std::string_view client_address;  // its text
  bool forwarded_valid = true;      // the Forwarded fields of a trusted peer are a list by the grammar
  std::string_view request_id;
  std::string_view trace_id;     // 32 hexadecimal digits
  std::string_view traceparent;  // the one sent on, with a span of the gateway's
  bool trace_continued = false;  // the client's traceparent was valid

  // Set by filters.
  const Consumer* consumer = nullptr;
  Answer answer;

  // The outgoing request: path and Host, edits of the fields. Host, Content-Length, Transfer-Encoding,
  // Expect, Connection and Upgrade of the incoming head are always removed; the server writes its own.
  std::string_view upstream_path;
  Edits request;

  // The replica that was chosen, for {upstream.replica}.
  std::string_view replica;

  // The response: what goes to the client. Edits' indices are those of `response_head`; without one (own
  // answers) only the added ones count. `admit` may add some before the head is there.
  const http1::ResponseHead* response_head = nullptr;
  Edits response;

  void reset() {
    Arena* arena_ = arena;
    Random* random_ = random;
    head = nullptr, parameters = nullptr, response_head = nullptr, consumer = nullptr;
    path = client_address = request_id = trace_id = traceparent = upstream_path = replica = {};
    trusted = trace_continued = false;
    forwarded_valid = true;
    scheme = "http", now = 0, answer = {};
    request.clear(), response.clear();
    if (arena_) arena_->reset();
    arena = arena_, random = random_;
  }
};

}  // namespace msctl::gateway::filters
