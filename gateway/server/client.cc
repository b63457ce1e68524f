#include "gateway/server/client.h"

#include <netinet/in.h>

#include <algorithm>
#include <cstring>

#include "gateway/server/exchange.h"

namespace msctl::gateway::server {
namespace {

using base::Code;

constexpr int looks = 4;  // at the progress of a client that is slow to take, within its limit

constexpr int rounds_at_once = 16;  // then the other connections have their turn

// After a last answer the rest of what the client sends is read and thrown away, for a while: closing at once
// would reset the connection, and the client might lose the answer (RFC 9112 section 9.6).
constexpr base::Duration linger_limit = std::chrono::seconds{2};
constexpr std::size_t linger_bytes = 256 * 1024;

// After bodyTimeout a body may go on while this much comes in each window.
constexpr base::Duration pace_window = std::chrono::seconds{1};
constexpr std::uint64_t pace_bytes_a_second = 1024;

filters::Address address_of(const sockaddr_storage& peer) {
  filters::Address address;
  if (peer.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(peer);
    std::memcpy(address.bytes.data(), &v6.sin6_addr, 16);
  } else {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(peer);
    address.bytes[10] = address.bytes[11] = 0xFF;
    std::memcpy(address.bytes.data() + 12, &v4.sin_addr, 4);
  }
  return address;
}

}  // namespace

Client::Client(Worker& worker, int descriptor, const sockaddr_storage& peer)
    : stream(descriptor), worker_(worker), peer_(address_of(peer)) {
  worker_.joined(*this);
}

Client::~Client() {
  if (exchange_ != nullptr) {
    exchange_->abandon();
    worker_.give_exchange(std::move(exchange_));
  }
}

void Client::on_events(std::uint32_t events) {
  bool ended_before = stream.ended();
  stream.note(events);
  if (stream.ended() && !ended_before && exchange_ != nullptr) exchange_->client_ended();
  // Both directions are gone: there is nobody to answer.
  bool tunnel = exchange_ != nullptr && exchange_->is_tunnel();  // its last bytes may still be unread
  if ((events & (EPOLLHUP | EPOLLERR)) != 0 && phase_ != Phase::reading_head && !tunnel) return close();
  advance();
}

void Client::advance() {
  if (in_advance_ || closed_) return;
  in_advance_ = true;
  bool more = true;
  for (int round = 0; more && round < rounds_at_once && !closed_; ++round) {
    if (!stream.flush()) {
      close();
      break;
    }
    switch (phase_) {
      case Phase::reading_head:
        more = read_head();
        break;
      case Phase::exchange:
        more = exchange_->advance();
        break;
      case Phase::lingering:
        more = discard();
        break;
    }
  }
  in_advance_ = false;
  if (more && !closed_) worker_.reactor.again(*this);
}

// False when nothing can be done now.
bool Client::read_head() {
  if (stream.in.empty() || partial_) {
    if (!stream.readable()) {
      if (stream.in.empty() && waiting_for_ != Wait::request) become_idle();
      return false;
    }
    switch (stream.read(worker_.reactor.buffers(), BufferPool::small)) {
      case Stream::Read::nothing:
        if (stream.in.empty() && waiting_for_ != Wait::request) become_idle();
        return false;
      case Stream::Read::end:
      case Stream::Read::failed:
        close();
        return true;
      case Stream::Read::data:
        break;
    }
  }
  return parse_head();
}

bool Client::parse_head() {
  // A line break behind a request is no beginning of the next one (RFC 9112 section 2.2).
  if (!partial_ && stream.in.view() == "\r\n") {
    stream.in.release();
    return true;
  }
  if (exchange_ == nullptr) exchange_ = worker_.take_exchange();
  if (!partial_) request_begun_ = worker_.reactor.now();
  const Snapshot& snapshot = *worker_.view().snapshot;
  http1::Outcome outcome =
      http1::parse_request(stream.in.view(), snapshot.request_limits, progress_, exchange_->head);
  switch (outcome.state) {
    case http1::Outcome::State::fault:
      reject(outcome.fault);
      return true;
    case http1::Outcome::State::done:
      progress_ = {};
      partial_ = false;
      phase_ = Phase::exchange;
      waiting_for_ = Wait::nothing;
      exchange_->start(*this, request_begun_, outcome.consumed);
      return true;
    case http1::Outcome::State::need_more:
      break;
  }
  partial_ = true;
  worker_.give_exchange(std::move(exchange_));
  if (waiting_for_ != Wait::head) {
    waiting_for_ = Wait::head;
    worker_.reactor.timers().set(timer_, request_begun_, snapshot.config.limits.header_timeout);
  }
  if (stream.in.space() == 0) stream.in.compact();
  // The parser refuses a head above the limit, so that this ends.
  if (stream.in.space() == 0)
    stream.in.grow(worker_.reactor.buffers(), std::max(BufferPool::large, stream.in.capacity() * 2));
  return true;
}

void Client::reject(http1::Fault fault) {
  progress_ = {};
  partial_ = false;
  phase_ = Phase::exchange;
  waiting_for_ = Wait::nothing;
  const http1::FaultInfo& info = http1::info(fault);
  exchange_->reject(*this, request_begun_, info.status, info.code, info.detail);
}

void Client::become_idle() {
  if (worker_.draining()) return close();
  waiting_for_ = Wait::request;
  worker_.idles(*this);
  worker_.reactor.timers().set(timer_, worker_.reactor.now(),
                               worker_.view().snapshot->config.limits.keep_alive_timeout);
}

void Client::exchange_ended(bool keep_open) {
  worker_.give_exchange(std::move(exchange_));
  phase_ = Phase::reading_head;
  waiting_for_ = Wait::nothing;
  if (!keep_open) linger();
}

void Client::expect_body(base::Duration limit) {
  waiting_for_ = Wait::body;
  body_bytes_ = 0;
  body_window_ = limit;
  worker_.reactor.timers().set(timer_, worker_.reactor.now(), limit);
}

void Client::body_complete() {
  if (waiting_for_ == Wait::body) waiting_for_ = Wait::nothing;
}

void Client::watch_writing(base::Duration limit) {
  if (writing_watched_) return;
  writing_watched_ = true;
  writing_limit_ = limit;
  last_taken_ = worker_.reactor.now();
  stream.progressed();  // from here on
  worker_.reactor.timers().set(writing_timer_, last_taken_, limit / looks);
}

// Several looks within the limit, so that the time without progress is known well enough.
void Client::writing_late() {
  writing_watched_ = stream.blocked();
  if (!writing_watched_) return;
  base::Instant now = worker_.reactor.now();
  if (stream.progressed()) last_taken_ = now;
  if (now - last_taken_ >= writing_limit_) return close();
  worker_.reactor.timers().set(writing_timer_, now, writing_limit_ / looks);
}

void Client::late() {
  switch (waiting_for_) {
    case Wait::nothing:
      return;
    case Wait::request:
      return close();
    case Wait::body:
      return body_late();
    case Wait::head:
      progress_ = {};
      partial_ = false;
      phase_ = Phase::exchange;
      waiting_for_ = Wait::nothing;
      exchange_ = worker_.take_exchange();
      exchange_->reject(*this, request_begun_, 408, Code::gatewayRequestTimeout,
                        "The header did not arrive in time.");
      return advance();
  }
}

void Client::body_late() {
  auto seconds = std::chrono::duration<double>(body_window_).count();
  bool fast_enough = static_cast<double>(body_bytes_) >= seconds * static_cast<double>(pace_bytes_a_second);
  // Bytes that wait here because the replica takes none are not the client's fault.
  if (fast_enough || stream.readable()) return expect_body(pace_window);
  waiting_for_ = Wait::nothing;
  exchange_->body_too_slow();
}

void Client::send_and_linger(std::string_view last_words) {
  iovec slice{const_cast<char*>(last_words.data()), last_words.size()};
  if (!stream.write(worker_.reactor.buffers(), {&slice, 1})) return close();
  linger();
}

void Client::linger() {
  stream.shut_write();
  phase_ = Phase::lingering;
  waiting_for_ = Wait::request;
  stream.in.release();
  worker_.reactor.timers().set(timer_, worker_.reactor.now(), linger_limit);
}

bool Client::discard() {
  if (!stream.readable()) return false;
  switch (stream.read(worker_.reactor.buffers(), BufferPool::large)) {
    case Stream::Read::nothing:
      return false;
    case Stream::Read::data:
      discarded_ += stream.in.size();
      stream.in.release();
      if (discarded_ > linger_bytes) close();
      return true;
    case Stream::Read::end:
    case Stream::Read::failed:
      close();
      return true;
  }
  return true;
}

void Client::drain() {
  if (!idle()) return;
  // A request may have come in this moment: it is answered.
  stream.note(EPOLLIN);
  advance();
  if (idle()) close();
}

void Client::close() {
  if (closed_) return;
  closed_ = true;
  timer_.cancel();
  writing_timer_.cancel();
  if (exchange_ != nullptr) exchange_->abandon();
  stream.close();
  worker_.left(*this);  // at once: its place is free before the end of the round
  worker_.reactor.retire(this);
}

}  // namespace msctl::gateway::server
