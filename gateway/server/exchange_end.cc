// The turn of an exchange, the gateway's own answers, time-outs, and what is recorded at the end.
#include <algorithm>
#include <utility>

#include "gateway/filters/problem/problem.h"
#include "gateway/server/client.h"
#include "gateway/server/compose.h"
#include "gateway/server/exchange.h"

namespace msctl::gateway::server {
namespace {

using base::Code;

// In logs and metrics: the client went away before there was an answer. It is never sent.
constexpr int client_gone = 499;

// A client that has closed its side either reads on, or is gone, which only writing would show. While nothing
// comes from the replica (an event stream) there is nothing to write: then the wait is short.
constexpr base::Duration ended_client_limit = std::chrono::seconds{5};

// As much of a body is read and thrown away after an answer that did not need it; above that the connection
// is closed.
constexpr std::uint64_t discard_limit = 256 * 1024;

// Repeating soon may help.
bool retry_later(int status) {
  return status == 503;
}

}  // namespace

bool Exchange::advance() {
  switch (state_) {
    case State::unused:
    case State::at_gate:
    case State::connecting:
      return false;
    case State::tunnel:
      return pump_tunnel();
    case State::answered:
      if (keep_open_ && !request_done_) return discard_body();
      if (client_->stream.blocked()) return false;
      end(keep_open_);
      return true;
    case State::running:
      break;
  }
  bool moved = false;
  bool sending = !request_done_ || connection_->stream.blocked();
  if (sending && !request_stopped_ && !response_done_) moved = pump_request();
  if (state_ != State::running || client_->closed()) return true;
  if (!response_done_) moved = pump_response() || moved;
  if (state_ != State::running || client_->closed()) return true;
  if (!response_done_ || client_->stream.blocked()) return moved;
  end(keep_open_ && request_done_ && !request_stopped_);
  return true;
}

void Exchange::answer(const Problem& problem) {
  if (problem.code != Code{}) {
    code_ = problem.code;
    counters_->rejected(code_);
  }
  if (retry_later(problem.status)) filtered_.response.add("Retry-After", "1");
  std::string_view body =
      filters::write_problem(arena_, problem.status, problem.code, problem.detail, filtered_.request_id);
  send_own(problem.status, filters::problem_type, body);
}

void Exchange::answer_configured() {
  send_own(filtered_.answer.status, {}, filtered_.answer.body);
}

// Whether what is still to come of the request is worth waiting for: then it is read and thrown away, and the
// connection goes on.
bool Exchange::body_will_end() {
  if (request_done_) return true;
  if (continue_expected_ || !has_body()) return false;
  return head.body.framing == http1::Framing::chunked || request_left_ <= discard_limit;
}

// False when nothing can be done now.
bool Exchange::discard_body() {
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
        return true;
    }
  }
  std::size_t used = 0;
  if (head.body.framing == http1::Framing::length) {
    used = static_cast<std::size_t>(std::min<std::uint64_t>(request_left_, from.in.size()));
    request_left_ -= used;
    request_done_ = request_left_ == 0;
  } else {
    auto piece = request_chunks_.next(from.in.view());
    used = piece.consumed;
    request_done_ = piece.state == http1::Outcome::State::done;
    if (piece.state == http1::Outcome::State::fault) keep_open_ = false;
  }
  from.in.consume(used);
  if (from.in.empty()) from.in.release();
  client_->body_arrived(used);
  discarded_ += used;
  if (discarded_ > discard_limit) keep_open_ = false;
  return true;
}

// Once: an upstream's answer may turn out to be unusable after they have run, and the gateway's takes its
// place.
void Exchange::run_response_filters() {
  if (std::exchange(filtered_response_, true)) return;
  if (route_ != nullptr)
    route_->chain.response(filtered_);
  else
    filters::bare_response(filtered_);
}

void Exchange::send_own(int status, std::string_view type, std::string_view body) {
  release_upstream(false);
  status_ = status;
  state_ = State::answered;
  answered_at_ = worker_.reactor.now();
  if (!body_will_end() || worker_.draining()) keep_open_ = false;
  if (keep_open_ && !request_done_) client_->expect_body(view_->snapshot->config.limits.body_timeout);
  run_response_filters();

  std::string_view phrase = filters::reason_phrase(status);
  Text text(arena_, size_of_added(filtered_.response) + phrase.size() + type.size() + 192);
  text << "HTTP/1.1 " << static_cast<std::uint64_t>(status) << " " << phrase << "\r\n";
  if (!filtered_.response.has_added("Date")) text << "Date: " << worker_.date() << "\r\n";
  append_added(text, filtered_.response);
  if (!type.empty() && !filtered_.response.has_added("Content-Type"))
    text << "Content-Type: " << type << "\r\n";
  if (status != 204 && status != 304) text << "Content-Length: " << body.size() << "\r\n";
  if (!keep_open_) text << "Connection: close\r\n";
  if (keep_open_ && head.minor == 0) text << "Connection: keep-alive\r\n";
  text << "\r\n";
  Slices slices;
  slices.add(text.done());
  if (!head_request_ && status != 204 && status != 304) {
    slices.add(body);
    bytes_out_ += body.size();
  }
  write_client(slices);
}

void Exchange::use(upstream::Target* target) {
  if (target != nullptr) target->enter();
  if (target_ != nullptr) target_->leave();
  target_ = target;
}

void Exchange::release_upstream(bool reusable) {
  if (endpoint_ != nullptr) {
    endpoint_->in_flight.fetch_sub(1, std::memory_order_relaxed);
    endpoint_ = nullptr;
  }
  if (connection_ == nullptr) return;
  Connection* connection = connection_;
  connection_ = nullptr;
  waiting_for_ = Wait::nothing;
  if (reusable && connection->stream.in.empty() && !connection->stream.blocked())
    connection->give_back();
  else
    connection->close();
}

void Exchange::end(bool keep_open) {
  Client* client = client_;
  release_upstream(upstream_reusable_ && request_done_ && !request_stopped_);
  record(false);
  client->exchange_ended(keep_open);
}

void Exchange::abandon() {
  if (state_ == State::unused) return;
  bool cut = status_ != 0 && state_ != State::tunnel;
  if (state_ == State::at_gate) worker_.left_gate(*this);
  if (status_ == 0) status_ = client_gone;
  release_upstream(false);
  record(cut);
}

void Exchange::record(bool cut) {
  base::Instant now = worker_.reactor.now();
  base::Duration took = now - begun_;
  counters_->answered(telemetry::method_from(head.method), status_, took);
  if (view_->snapshot->config.access_log) {
    telemetry::AccessEntry entry;
    std::string code = code_ == Code{} ? std::string{} : base::to_string(code_);
    entry.client = filtered_.client_address;
    entry.method = head.method;
    entry.host = head.host;
    entry.path = filtered_.path.empty() ? head.path : filtered_.path;
    entry.query = head.query;
    if (route_ != nullptr) {
      entry.route = route_->name;
      entry.upstream = to_->upstream_name;
    }
    entry.replica = filtered_.replica;
    if (filtered_.consumer != nullptr) entry.consumer = filtered_.consumer->name;
    entry.request_id = filtered_.request_id;
    entry.trace_id = filtered_.trace_id;
    entry.status = status_;
    entry.code = code;
    entry.cut = cut;
    entry.took = took;
    if (dispatched_ != base::Instant{} && answered_at_ > dispatched_)
      entry.upstream_took = answered_at_ - dispatched_;
    entry.bytes_in = bytes_in_;
    entry.bytes_out = bytes_out_;
    worker_.log(entry);
  }
  if (capture_ != nullptr) testify(cut);
  state_ = State::unused;
  waiting_for_ = Wait::nothing;
  request_buffer_.release();
  use(nullptr);
  view_->unpin();
  view_ = nullptr;
}

void Exchange::testify(bool cut) {
  capture_->route = route_->name;
  capture_->upstream = to_->upstream_name;
  capture_->request_id = filtered_.request_id;
  capture_->cut = cut || code_ != Code{};
  worker_.witness()->ended(std::move(*capture_));
  capture_.reset();
}

void Exchange::wait_for(Wait what, base::Duration time) {
  waiting_for_ = what;
  if (what == Wait::nothing) return;
  last_byte_ = worker_.reactor.now();
  worker_.reactor.timers().set(timer_, last_byte_, time);
}

// The timer is not cancelled when an exchange goes on or ends; it finds out here whether it still matters.
void Exchange::late() {
  if (state_ == State::unused || waiting_for_ == Wait::nothing) return;
  base::Instant now = worker_.reactor.now();
  switch (waiting_for_) {
    case Wait::nothing:
      return;
    case Wait::gate:
      worker_.left_gate(*this);
      answer({503, Code::gatewayNoReplica, "No replica became ready in time."});
      return client_->advance();
    case Wait::connect:
      connect_failed(true);
      return;
    case Wait::permission:
      give_permission();
      return client_->advance();
    case Wait::sending:
      // It may take little at a time, long before the socket tells that there is room again.
      if (connection_->stream.progressed()) return wait_for(Wait::sending, patience());
      [[fallthrough]];
    case Wait::head:
      if (status_ != 0) return client_->close();
      keep_open_ = keep_open_ && request_done_;
      answer({504, Code::gatewayUpstreamTimeout, "The replica did not answer in time."});
      return client_->advance();
    case Wait::body:
    case Wait::tunnel: {
      base::Duration silent = now - last_byte_;
      // A client that takes nothing has a deadline of its own; the replica is not to blame.
      if (client_->stream.blocked()) silent = {};
      if (silent < idle_limit()) return worker_.reactor.timers().set(timer_, now, idle_limit() - silent);
      if (waiting_for_ == Wait::body) {
        code_ = Code::gatewayUpstreamTimeout;
        counters_->rejected(code_);
      }
      return client_->close();
    }
  }
}

base::Duration Exchange::patience() const {
  return route_ != nullptr ? route_->idle_timeout : view_->snapshot->config.defaults.idle_timeout;
}

base::Duration Exchange::idle_limit() const {
  bool may_be_gone = state_ != State::tunnel && client_->stream.ended();
  return may_be_gone ? std::min(ended_client_limit, route_->idle_timeout) : route_->idle_timeout;
}

void Exchange::client_ended() {
  if (waiting_for_ == Wait::body) worker_.reactor.timers().set(timer_, worker_.reactor.now(), idle_limit());
}

void Exchange::body_too_slow() {
  keep_open_ = false;
  if (status_ != 0 || state_ == State::unused) return client_->close();
  answer({408, Code::gatewayRequestTimeout, "The body did not arrive in time."});
  client_->advance();
}

}  // namespace msctl::gateway::server
