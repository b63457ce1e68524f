// The request on its way to the replica.
#include <algorithm>

#include "gateway/server/client.h"
#include "gateway/server/compose.h"
#include "gateway/server/exchange.h"

namespace msctl::gateway::server {

using http1::Framing;

namespace {

// So long the replica may take to say whether it wants the body (100, or an answer); then the gateway lets
// the client send it.
constexpr base::Duration permission_limit = std::chrono::seconds{1};

}  // namespace

void Exchange::upstream_ready() {
  if (state_ == State::connecting) {
    state_ = State::running;
    waiting_for_ = Wait::nothing;
    send_head();
  }
  client_->advance();
}

// The head, and with it what has already come of the body.
void Exchange::send_head() {
  response_progress_ = {};
  if (worker_.witness() != nullptr) {
    capture_ = std::make_unique<Capture>();
    capture_->at = std::chrono::system_clock::now();
    capture_->method = head.method;
    capture_->replica = endpoint_->replica;
  }
  Slices slices;
  compose_request(filtered_, endpoint_->address, head.upgrade, slices);
  std::size_t used = 0;
  if (!request_done_ && !client_->stream.in.empty() && !add_body(slices, used)) return;
  bool sent = write_upstream(slices);
  client_->stream.in.consume(used);
  if (!sent) return;
  if (request_done_) return request_sent();
  if (continue_expected_ && used == 0)
    wait_for(Wait::permission, std::min(permission_limit, route_->timeout));
  else
    body_begins();
}

void Exchange::body_begins() {
  continue_expected_ = false;
  if (waiting_for_ == Wait::permission) waiting_for_ = Wait::nothing;
  client_->expect_body(view_->snapshot->config.limits.body_timeout);
}

// The replica does not say 100; perhaps it knows nothing of that (HTTP/1.0's manner) and just reads.
void Exchange::give_permission() {
  continued_ = true;
  Slices slices;
  slices.add("HTTP/1.1 100 Continue\r\n\r\n");
  if (write_client(slices)) body_begins();
}

// More of the body. False when nothing can be done now.
bool Exchange::pump_request() {
  if (!connection_->stream.flush()) {
    request_stopped_ = true;
    return true;
  }
  if (connection_->stream.blocked()) return false;
  if (waiting_for_ == Wait::sending)
    status_ == 0 ? wait_for(Wait::nothing, {}) : wait_for(Wait::body, idle_limit());
  if (request_done_) {
    request_sent();
    return true;
  }
  Stream& from = client_->stream;
  if (from.in.empty()) {
    if (!from.readable()) return false;
    switch (from.read(worker_.reactor.buffers(), BufferPool::large)) {
      case Stream::Read::nothing:
        return false;
      case Stream::Read::data:
        break;
      case Stream::Read::end:
      case Stream::Read::failed:
        client_->close();
        return true;  // gone in the middle of its request
    }
  }
  if (continue_expected_) body_begins();
  Slices slices;
  std::size_t used = 0;
  if (!add_body(slices, used)) return true;
  bool sent = slices.empty() || write_upstream(slices);
  from.in.consume(used);
  if (from.in.empty()) from.in.release();
  if (sent && request_done_) request_sent();
  return true;
}

// Slices of the client's input that may go out; `used` bytes of it are dealt with. False when the body is
// wrong: answered.
bool Exchange::add_body(Slices& slices, std::size_t& used) {
  std::string_view input = client_->stream.in.view();
  if (head.body.framing == Framing::length) {
    used = static_cast<std::size_t>(std::min<std::uint64_t>(request_left_, input.size()));
    slices.add(input.substr(0, used));
    request_left_ -= used;
    request_done_ = request_left_ == 0;
  } else {
    while (used < input.size() && !request_done_ && !slices.full()) {
      auto piece = request_chunks_.pass(input.substr(used));
      if (piece.state == http1::Outcome::State::fault) {
        const http1::FaultInfo& fault = http1::info(piece.fault);
        keep_open_ = false;
        if (status_ != 0)
          client_->close();
        else
          answer({fault.status, fault.code, fault.detail});
        return false;
      }
      slices.add(piece.bytes);
      used += piece.consumed;
      request_done_ = piece.state == http1::Outcome::State::done;
    }
  }
  bytes_in_ += used;
  client_->body_arrived(used);
  return true;
}

// False when the replica takes no more. It may have answered before: that is read, and the rest of the body
// is not sent.
bool Exchange::write_upstream(Slices& slices) {
  if (capture_ != nullptr)
    for (const iovec& each : slices.all())
      Capture::add(capture_->request, {static_cast<const char*>(each.iov_base), each.iov_len},
                   capture_->truncated);
  if (!connection_->stream.write(worker_.reactor.buffers(), slices.all())) {
    request_stopped_ = true;
    return false;
  }
  if (connection_->stream.blocked()) {
    connection_->stream.progressed();  // from here on
    wait_for(Wait::sending, route_->idle_timeout);
  }
  return true;
}

void Exchange::request_sent() {
  if (has_body()) client_->body_complete();
  if (connection_->stream.blocked()) return;  // pump_request comes back when it is not
  if (status_ == 0) wait_for(Wait::head, route_->timeout);
}

}  // namespace msctl::gateway::server
