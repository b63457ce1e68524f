// From a complete head to a request on its way to a replica.
#include <algorithm>
#include <cerrno>

#include "gateway/path/normalise.h"
#include "gateway/server/client.h"
#include "gateway/server/exchange.h"

namespace msctl::gateway::server {
namespace {

using base::Code;

// A request that cannot be repeated goes out only on a pooled connection that was in use a moment ago:
// servers close idle ones after some seconds, and a request that meets that close is lost.
constexpr base::Duration fresh_for_any = std::chrono::hours{1};
constexpr base::Duration fresh_for_unrepeatable = std::chrono::seconds{1};

bool out_of_descriptors() {
  return errno == EMFILE || errno == ENFILE;
}

bool idempotent(http1::Method method) {
  switch (method) {
    case http1::Method::get:
    case http1::Method::head:
    case http1::Method::options:
    case http1::Method::trace:
    case http1::Method::put:
    case http1::Method::delete_:
      return true;
    default:
      return false;
  }
}

}  // namespace

Exchange::Exchange(Worker& worker, filters::Random& ids) : worker_(worker), ids_(ids) {
  filtered_.arena = &arena_;
  filtered_.random = &ids;
}

void Exchange::prepare(Client& client, base::Instant begun) {
  client_ = &client;
  view_ = &worker_.view();
  view_->pin();
  begun_ = last_byte_ = begun;
  dispatched_ = answered_at_ = {};
  route_ = nullptr;
  to_ = nullptr;
  counters_ = &worker_.unrouted();
  bytes_in_ = bytes_out_ = discarded_ = 0;
  code_ = {};
  status_ = 0;
  state_ = State::running;
  waiting_for_ = Wait::nothing;
  request_done_ = request_stopped_ = continue_expected_ = continued_ = false;
  response_done_ = upstream_reusable_ = rechunk_ = dechunk_ = false;
  keep_open_ = head_request_ = upgrading_ = more_heads_ = false;
  filtered_response_ = false;
  interim_seen_ = 0;
  connect_retried_ = replayed_ = needs_fresh_ = false;
  client_half_ended_ = upstream_half_ended_ = false;
  filtered_.reset();
  filtered_.peer = client.peer();
  filtered_.now = static_cast<std::uint64_t>(worker_.reactor.now().time_since_epoch().count());
}

void Exchange::reject(Client& client, base::Instant begun, int status, base::Code code,
                      std::string_view detail) {
  prepare(client, begun);
  head.method = head.path = head.host = head.query = {};
  head.method_id = http1::Method::other;
  head.fields.clear();
  head.body = {};
  head.keep_alive = false;
  head.minor = 1;
  filtered_.head = &head;
  view_->snapshot->edge.identify(filtered_);
  answer({status, code, detail});
}

void Exchange::start(Client& client, base::Instant begun, std::size_t head_size) {
  prepare(client, begun);
  // The head's bytes stay where they are for as long as the request is under way; what lies behind them moves
  // on.
  Buffer& in = client.stream.in;
  std::string_view behind = in.view().substr(head_size);
  request_buffer_.swap(in);
  in.release();
  if (!behind.empty()) {
    in.acquire(worker_.reactor.buffers(),
               behind.size() > BufferPool::small
                   ? std::max<std::uint32_t>(BufferPool::large, static_cast<std::uint32_t>(behind.size()))
                   : BufferPool::small);
    in.append(behind);
  }
  request_left_ = head.body.length;
  request_done_ = !has_body();
  // Anew for every request, also for one that is refused before its route is known: its body is read, too.
  request_chunks_ = http1::ChunkedDecoder(view_->snapshot->config.limits.body_bytes);
  head_request_ = head.method_id == http1::Method::head;
  keep_open_ = head.keep_alive && !worker_.draining();
  continue_expected_ = head.expect_continue;
  filtered_.head = &head;
  view_->snapshot->edge.identify(filtered_);
  route();
}

void Exchange::route() {
  if (head.asterisk) return answer_asterisk();
  auto path = path::normalise(head.path, arena_.take(path::room(head.path.size())));
  if (!path) return answer({400, Code::gatewayBadRequest, path::describe(path.error())});
  filtered_.path = *path;
  if (!take_route()) return;

  const config::Limits& limits = view_->snapshot->config.limits;
  if (head.body.framing == http1::Framing::length && head.body.length > limits.body_bytes)
    return answer({413, Code::gatewayBodyTooLarge, "The body is larger than this gateway takes."});
  if (!route_->chain.admit(filtered_) || to_->upstream < 0) {
    if (filtered_.answer.configured) return answer_configured();
    return answer({filtered_.answer.status, filtered_.answer.code, filtered_.answer.detail});
  }
  dispatch(nullptr);
}

// Sets route_, or answers.
bool Exchange::take_route() {
  router::Request asked{head.method, head.method_id, head.host, filtered_.path, head.query, &head.fields};
  view_->snapshot->table.match(asked, match_);
  switch (match_.kind) {
    case router::Match::Kind::no_route:
      answer({404, Code::gatewayNoRoute, "No route matches this host and path."});
      return false;
    case router::Match::Kind::method_not_allowed:
      filtered_.response.add("Allow", match_.allow);
      answer({405, Code::gatewayMethodNotAllowed, "The route for this path does not take this method."});
      return false;
    case router::Match::Kind::found:
      break;
  }
  route_ = view_->snapshot->routes[match_.route].get();
  take_destination(view_->counters[match_.route]);
  filtered_.parameters = &match_.parameters;
  return true;
}

// The same for the whole exchange, also when it is tried again on another replica.
void Exchange::take_destination(const std::vector<telemetry::RouteCounters*>& counters) {
  to_ = &route_->own;
  counters_ = counters.front();
  if (!route_->split.empty()) {
    const std::uint32_t draw = worker_.balancing().below(CompiledRoute::draws);
    const auto drawn =
        std::ranges::find_if(route_->split, [&](const Destination& part) { return draw < part.below; });
    if (drawn != route_->split.end()) {
      to_ = &*drawn;
      counters_ = counters[static_cast<std::size_t>(drawn - route_->split.begin()) + 1];
    }
  }
  counters_->begin();
}

void Exchange::answer_asterisk() {
  filtered_.response.add("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE");
  send_own(204, {}, {});
}

void Exchange::dispatch(const upstream::Endpoint* except) {
  base::Instant now = worker_.reactor.now();
  if (!group().is_open()) return wait_at_gate();
  if (dispatched_ == base::Instant{}) dispatched_ = now;
  upstream::Target* target =
      group().choose(view_->snapshot->config.defaults.balancing, worker_.balancing(), now, except);
  if (target == nullptr) return answer({503, Code::gatewayNoReplica, "No replica is ready."});

  use(target);
  endpoint_ = target->endpoint.get();
  endpoint_->in_flight.fetch_add(1, std::memory_order_relaxed);
  filtered_.replica = endpoint_->replica;
  filtered_.request.clear();
  route_->chain.request(filtered_);
  if (filtered_.request.overflow())
    return answer({431, Code::gatewayHeadersTooLarge,
                   "The request has too many fields with those that the gateway adds."});
  upgrading_ = !head.upgrade.empty();

  if (!obtain_connection(*target)) return;
  if (connection_->connected()) {
    state_ = State::running;
    send_head();
  } else {
    state_ = State::connecting;
    wait_for(Wait::connect, std::min(view_->snapshot->config.defaults.connect_timeout, route_->timeout));
  }
}

upstream::Group& Exchange::group() const {
  return *view_->groups[static_cast<std::size_t>(to_->upstream)];
}

void Exchange::wait_at_gate() {
  state_ = State::at_gate;
  worker_.waits_at_gate(*this);
  wait_for(Wait::gate, group().patience());
}

void Exchange::gate_opened() {
  if (!group().is_open()) return worker_.waits_at_gate(*this);
  state_ = State::running;
  waiting_for_ = Wait::nothing;
  dispatch(nullptr);
  client_->advance();
}

// Sets connection_; otherwise the failure has been dealt with.
bool Exchange::obtain_connection(upstream::Target& target) {
  connection_ = nullptr;
  if (!needs_fresh_) {
    connection_ =
        Connection::reuse(worker_, target, *this, replayable() ? fresh_for_any : fresh_for_unrepeatable);
    if (connection_ != nullptr && !replayable() && !connection_->still_open()) {
      connection_->close();
      connection_ = nullptr;
    }
  }
  if (connection_ != nullptr) return true;
  connection_ = Connection::open(worker_, target, *this);
  // Connections that lie idle, to whichever replica, give way to one that is needed.
  if (connection_ == nullptr && out_of_descriptors() && worker_.close_idle_upstream())
    connection_ = Connection::open(worker_, target, *this);
  if (connection_ != nullptr) return true;
  if (out_of_descriptors() || errno == ENOBUFS || errno == ENOMEM || errno == ENOSPC ||
      errno == EADDRNOTAVAIL)
    answer({503, Code::gatewayOverloaded, "The gateway cannot open another connection just now."});
  else
    connect_failed();
  return false;
}

bool Exchange::has_body() const {
  return head.body.framing == http1::Framing::chunked ||
         (head.body.framing == http1::Framing::length && head.body.length > 0);
}

bool Exchange::replayable() const {
  return !has_body() && idempotent(head.method_id) && head.upgrade.empty();
}

// Nothing of the request has been sent: any request may try another replica, once.
void Exchange::connect_failed(bool timed_out) {
  Client* client = client_;
  upstream::Endpoint* failed = endpoint_;
  upstream::avoid(*failed, worker_.reactor.now());
  upstream::Target* other = group().choose(view_->snapshot->config.defaults.balancing, worker_.balancing(),
                                           worker_.reactor.now(), failed);
  bool at_gate = !group().is_open();
  release_upstream(false);
  if (at_gate) {
    wait_at_gate();
  } else if (!connect_retried_ && other != nullptr && other->endpoint.get() != failed) {
    connect_retried_ = true;
    dispatch(failed);
  } else if (timed_out) {
    answer({504, Code::gatewayUpstreamTimeout, "Connecting to the replica took too long; nothing was sent."});
  } else {
    answer(
        {502, Code::gatewayUpstreamRefused, "No connection to a replica could be made; nothing was sent."});
  }
  client->advance();
}

// A pooled connection was dead: the same request on a new one, elsewhere if there is another replica.
void Exchange::retry_elsewhere() {
  replayed_ = needs_fresh_ = true;
  const upstream::Endpoint* failed = endpoint_;
  release_upstream(false);
  dispatch(failed);
}

}  // namespace msctl::gateway::server
