// After 101 the gateway is a pair of pipes: bytes as they come, in both directions, until both have ended or
// neither has moved for the route's idle time.
#include "gateway/server/client.h"
#include "gateway/server/exchange.h"

namespace msctl::gateway::server {

void Exchange::open_tunnel() {
  state_ = State::tunnel;
  upstream_reusable_ = false;
  wait_for(Wait::tunnel, route_->idle_timeout);
}

Exchange::Moved Exchange::move(Stream& from, Stream& to, bool& from_ended) {
  if (!to.flush()) return Moved::broken;
  if (to.blocked()) return Moved::nothing;
  if (from.in.empty()) {
    if (from_ended || !from.readable()) return Moved::nothing;
    switch (from.read(worker_.reactor.buffers(), BufferPool::large)) {
      case Stream::Read::nothing:
        return Moved::nothing;
      case Stream::Read::failed:
        return Moved::broken;
      case Stream::Read::data:
        break;
      case Stream::Read::end:
        from_ended = true;
        to.shut_write();
        return Moved::some;
    }
  }
  last_byte_ = worker_.reactor.now();
  (&from == &client_->stream ? bytes_in_ : bytes_out_) += from.in.size();
  iovec slice{from.in.data(), from.in.size()};
  bool written = to.write(worker_.reactor.buffers(), {&slice, 1});
  from.in.release();
  if (!written) return Moved::broken;
  if (&to == &client_->stream && to.blocked()) client_->watch_writing(patience());
  return Moved::some;
}

bool Exchange::pump_tunnel() {
  Moved up = move(client_->stream, connection_->stream, client_half_ended_);
  Moved down = move(connection_->stream, client_->stream, upstream_half_ended_);
  bool flushed = !client_->stream.blocked() && !connection_->stream.blocked();
  if (up == Moved::broken || down == Moved::broken ||
      (client_half_ended_ && upstream_half_ended_ && flushed)) {
    client_->close();
    return true;
  }
  return up == Moved::some || down == Moved::some;
}

}  // namespace msctl::gateway::server
