// The answer on its way to the client.
#include <algorithm>

#include "gateway/server/client.h"
#include "gateway/server/compose.h"
#include "gateway/server/exchange.h"

namespace msctl::gateway::server {
namespace {

using base::Code;
using http1::Framing;
using http1::Outcome;

constexpr std::uint8_t interim_limit = 32;  // 1xx answers to one request

constexpr http1::HeadLimits response_limits{.bytes = 64 * 1024, .target = 0, .fields = http1::max_fields};

}  // namespace

// False when nothing can be done now.
bool Exchange::pump_response() {
  if (client_->stream.blocked()) return false;
  if (connection_->stream.in.empty() || (status_ == 0 && !more_heads_)) {
    if (!connection_->stream.readable()) return false;
    if (!read_upstream()) return false;
    if (state_ != State::running || connection_ == nullptr || connection_->stream.in.empty()) return true;
  }
  more_heads_ = false;
  if (status_ == 0) return take_head();
  Slices slices;
  if (!forward_body(slices)) return true;
  return true;
}

// False when there was nothing to read. The end of the connection is dealt with.
bool Exchange::read_upstream() {
  Stream& from = connection_->stream;
  std::size_t before = from.in.size();
  switch (from.read(worker_.reactor.buffers(), BufferPool::large)) {
    case Stream::Read::nothing:
      return false;
    case Stream::Read::data:
      last_byte_ = worker_.reactor.now();
      if (capture_ != nullptr)
        Capture::add(capture_->response, from.in.view().substr(before), capture_->truncated);
      return true;
    case Stream::Read::end:
      return upstream_ended(true);
    case Stream::Read::failed:
      return upstream_ended(false);
  }
  return false;
}

bool Exchange::upstream_ended(bool cleanly) {
  bool silent = status_ == 0 && connection_->stream.in.empty() && interim_seen_ == 0;
  if (silent && connection_->reused() && replayable() && !replayed_) {
    retry_elsewhere();
  } else if (status_ == 0) {
    answer(
        {502, Code::gatewayUpstreamBroke, "The replica closed the connection before its answer was whole."});
  } else if (cleanly && response_framing_ == Framing::until_close) {
    response_done_ = true;
    if (rechunk_) {
      Slices slices;
      slices.add("0\r\n\r\n");
      return write_client(slices), true;
    }
  } else {
    code_ = Code::gatewayUpstreamBroke;
    counters_->rejected(code_);
    client_->close();  // the only way to tell the client that the answer is not whole
  }
  return true;
}

bool Exchange::take_head() {
  Buffer& in = connection_->stream.in;
  http1::ResponseHead& response = worker_.response_head();
  Outcome outcome = http1::parse_response(in.view(), response_limits, {head_request_, upgrading_},
                                          response_progress_, response);
  if (outcome.state == Outcome::State::need_more) {
    if (in.space() == 0) {
      in.compact();
      if (in.space() == 0)
        in.grow(worker_.reactor.buffers(), std::min<std::uint32_t>(in.capacity() * 2, 64 * 1024 + 64));
    }
    return true;
  }
  if (outcome.state == Outcome::State::fault) {
    answer({502, Code::gatewayUpstreamInvalid, http1::info(outcome.fault).detail});
    return true;
  }
  response_progress_ = {};
  if (response.interim)
    forward_interim(response, outcome.consumed);
  else
    forward_head(response, outcome.consumed);
  return true;
}

void Exchange::forward_interim(const http1::ResponseHead& response, std::size_t size) {
  if (++interim_seen_ > interim_limit)
    return answer({502, Code::gatewayUpstreamInvalid, "The replica sent too many interim answers."});
  bool twice = response.status == 100 && continued_;
  if (head.minor >= 1 && !twice) {
    Slices slices;
    compose_interim(response, arena_, slices);
    if (!write_client(slices)) return;
  }
  connection_->stream.in.consume(size);
  if (connection_->stream.in.empty()) connection_->stream.in.release();
  more_heads_ = connection_->stream.in.has_block();
  if (response.status == 100 && continue_expected_) body_begins();
}

void Exchange::forward_head(const http1::ResponseHead& response, std::size_t size) {
  answered_at_ = worker_.reactor.now();
  counters_->upstream_took(answered_at_ - dispatched_);
  status_ = response.status;
  filtered_.response_head = &response;
  run_response_filters();
  if (filtered_.response.overflow()) {
    status_ = 0;
    return answer({502, Code::gatewayUpstreamInvalid,
                   "The answer has too many fields with those that the gateway adds."});
  }

  if (Witness* witness = worker_.witness())
    witness->answers(to_->upstream_name, head.method, response.status);
  response_framing_ = response.body.framing;
  response_left_ = response.body.length;
  upstream_reusable_ = response.keep_alive && response_framing_ != Framing::until_close;
  bool one_one = head.minor >= 1;
  bool streamed = response_framing_ == Framing::until_close || response_framing_ == Framing::chunked;
  rechunk_ = one_one && response_framing_ == Framing::until_close;
  dechunk_ = !one_one && response_framing_ == Framing::chunked;
  if (response_framing_ == Framing::chunked) response_chunks_ = http1::ChunkedDecoder();
  // An answer that comes before the request has been read whole: what is still to come would be taken for the
  // next request.
  if (!request_done_ || worker_.draining() || (streamed && !one_one)) keep_open_ = false;

  ResponseFraming framing;
  framing.date = worker_.date();
  framing.body = response.body;
  if (rechunk_) framing.body.framing = Framing::chunked;
  if (dechunk_) framing.body.framing = Framing::none;
  framing.length_stays = response_framing_ == Framing::none && (head_request_ || status_ == 304);
  framing.connection = response.switching ? Connecting::upgrade
                       : !keep_open_      ? Connecting::close
                       : one_one          ? Connecting::keep
                                          : Connecting::keep_stated;
  Slices slices;
  compose_response(filtered_, framing, slices);
  filtered_.response_head = nullptr;
  // The slices point into the input: consumed only when written.
  std::size_t used = size;
  if (response.switching) {
    if (!write_client(slices)) return;
    connection_->stream.in.consume(used);
    open_tunnel();
    return;
  }
  wait_for(Wait::body, idle_limit());
  response_done_ =
      response_framing_ == Framing::none || (response_framing_ == Framing::length && response_left_ == 0);
  Buffer& in = connection_->stream.in;
  if (!response_done_ && in.size() > used) {
    // The beginning of the body goes out with the head.
    bool valid = response_framing_ == Framing::length    ? add_length(slices, used)
                 : response_framing_ == Framing::chunked ? add_chunked(slices, used)
                                                         : (add_until_close(slices, used), true);
    if (!valid) {
      status_ = 0;
      return answer({502, Code::gatewayUpstreamInvalid, "The answer's chunked body is malformed."});
    }
  }
  if (!write_client(slices)) return;
  in.consume(used);
  if (in.empty()) in.release();
}

// More of the body. False when the connection had to be closed.
bool Exchange::forward_body(Slices& slices) {
  std::size_t used = 0;
  bool valid = true;
  switch (response_framing_) {
    case Framing::length:
      valid = add_length(slices, used);
      break;
    case Framing::chunked:
      valid = add_chunked(slices, used);
      break;
    case Framing::until_close:
      add_until_close(slices, used);
      break;
    case Framing::none:
      break;
  }
  if (!valid) {
    code_ = Code::gatewayUpstreamInvalid;
    counters_->rejected(code_);
    client_->close();
    return false;
  }
  if (!slices.empty() && !write_client(slices)) return false;
  Buffer& in = connection_->stream.in;
  in.consume(used);
  if (in.empty()) in.release();
  return true;
}

bool Exchange::add_length(Slices& slices, std::size_t& used) {
  std::string_view input = connection_->stream.in.view().substr(used);
  auto size = static_cast<std::size_t>(std::min<std::uint64_t>(response_left_, input.size()));
  slices.add(input.substr(0, size));
  used += size;
  response_left_ -= size;
  bytes_out_ += size;
  response_done_ = response_left_ == 0;
  return true;
}

bool Exchange::add_chunked(Slices& slices, std::size_t& used) {
  std::string_view input = connection_->stream.in.view();
  while (used < input.size() && !response_done_ && !slices.full()) {
    auto piece =
        dechunk_ ? response_chunks_.next(input.substr(used)) : response_chunks_.pass(input.substr(used));
    if (piece.state == Outcome::State::fault) return false;
    slices.add(piece.bytes);
    used += piece.consumed;
    bytes_out_ += piece.bytes.size();
    response_done_ = piece.state == Outcome::State::done;
  }
  return true;
}

void Exchange::add_until_close(Slices& slices, std::size_t& used) {
  std::string_view input = connection_->stream.in.view().substr(used);
  if (input.empty()) return;
  if (rechunk_) slices.add(http1::chunk_head(input.size(), chunk_room_));
  slices.add(input);
  if (rechunk_) slices.add("\r\n");
  used += input.size();
  bytes_out_ += input.size();
}

// False when the client is gone: then the exchange has been abandoned, and its connection is no more.
bool Exchange::write_client(Slices& slices) {
  if (!client_->stream.write(worker_.reactor.buffers(), slices.all())) {
    client_->close();
    return false;
  }
  if (client_->stream.blocked()) client_->watch_writing(patience());
  return true;
}

}  // namespace msctl::gateway::server
