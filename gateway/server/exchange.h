// One request and its answer, from the complete head of the one to the last byte of the other.
//
//   start ── refused by the gateway ──────────────────────────────► answer
//     └─► dispatch (waits while the upstream's gate is closed): a replica, a connection (pooled or new)
//     ──────► answer 503 when there is none
//           └─► send the head, with what has come of the body
//                 ├─► forward the body ⟂ as the upstream takes it
//                 └─► forward the response ⟂ as the client takes it ─► end
//
// A request that did not reach a replica (connect failed) is dispatched once more, to another. One that went
// out on a pooled connection which turns out to be dead (closed before any byte of the answer came) is sent
// once more on a new connection if it may be repeated: an idempotent method without a body.
//
// Both directions run at the same time; each moves one buffer and reads no more until the other side has
// taken it.
//
// The parts: exchange_start.cc routing and dispatch; exchange_request.cc, exchange_response.cc the two
// directions; exchange_end.cc own answers, time-outs and what is recorded; tunnel.cc what follows an upgrade.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "gateway/filters/exchange.h"
#include "gateway/http1/chunked.h"
#include "gateway/http1/head.h"
#include "gateway/server/connection.h"
#include "gateway/server/snapshot.h"
#include "gateway/server/stream.h"
#include "gateway/server/witness.h"

namespace msctl::gateway::server {

class Client;

class Exchange {
public:
  Exchange(Worker& worker, filters::Random& ids);
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // Where the client parses the request's head into, before start.
  http1::RequestHead head;

  // The head lies at the beginning of the client's input and is `head_size` long.
  void start(Client& client, base::Instant begun, std::size_t head_size);
  // A request that could not be parsed: answered, logged, and the connection closed.
  void reject(Client& client, base::Instant begun, int status, base::Code code, std::string_view detail);
  // Does what can be done now. False when nothing could; the exchange may have ended when it returns.
  bool advance();
  // The client is gone, or must go: nothing more is sent to it.
  void abandon();
  // The client sends no more. It may still read (half-closed), or be gone.
  void client_ended();
  // The body did not come in time.
  void body_too_slow();

  bool is_tunnel() const { return state_ == State::tunnel; }

  // From the connection to the replica.
  void upstream_ready();
  void connect_failed(bool timed_out = false);
  // Some gate has been opened, perhaps the one at which it waits.
  void gate_opened();

private:
  enum class State : std::uint8_t { unused, at_gate, connecting, running, answered, tunnel };
  enum class Wait : std::uint8_t { nothing, gate, connect, sending, permission, head, body, tunnel };
  struct Problem {
    int status;
    base::Code code;
    std::string_view detail;
  };

  // exchange_start.cc
  void prepare(Client& client, base::Instant begun);
  void route();
  void answer_asterisk();
  bool take_route();
  void take_destination(const std::vector<telemetry::RouteCounters*>& counters);
  void dispatch(const upstream::Endpoint* except);
  upstream::Group& group() const;
  void wait_at_gate();
  bool obtain_connection(upstream::Target& target);
  bool has_body() const;
  bool replayable() const;
  void retry_elsewhere();

  // exchange_request.cc
  void send_head();
  bool pump_request();
  void give_permission();
  void body_begins();
  bool add_body(Slices& slices, std::size_t& used);
  bool write_upstream(Slices& slices);
  void request_sent();

  // exchange_response.cc
  bool pump_response();
  bool read_upstream();
  bool upstream_ended(bool cleanly);
  bool take_head();
  void forward_interim(const http1::ResponseHead& response, std::size_t size);
  void forward_head(const http1::ResponseHead& response, std::size_t size);
  bool forward_body(Slices& slices);
  bool add_length(Slices& slices, std::size_t& used);
  bool add_chunked(Slices& slices, std::size_t& used);
  void add_until_close(Slices& slices, std::size_t& used);
  bool write_client(Slices& slices);

  // tunnel.cc
  void open_tunnel();
  bool pump_tunnel();
  enum class Moved : std::uint8_t { nothing, some, broken };
  Moved move(Stream& from, Stream& to, bool& from_ended);

  // exchange_end.cc
  void answer(const Problem& problem);
  void answer_configured();
  void run_response_filters();
  void send_own(int status, std::string_view type, std::string_view body);
  bool body_will_end();
  bool discard_body();
  void end(bool keep_open);
  void record(bool cut);
  void testify(bool cut);
  void use(upstream::Target* target);
  void release_upstream(bool reusable);
  base::Duration idle_limit() const;
  base::Duration patience() const;  // with a peer that takes nothing
  void wait_for(Wait what, base::Duration time);
  void late();
  static void timer_fired(void* self) { static_cast<Exchange*>(self)->late(); }

  Worker& worker_;
  filters::Random& ids_;
  Client* client_ = nullptr;
  View* view_ = nullptr;
  const CompiledRoute* route_ = nullptr;
  const Destination* to_ = nullptr;  // of the route
  telemetry::RouteCounters* counters_ = nullptr;
  Connection* connection_ = nullptr;
  upstream::Endpoint* endpoint_ = nullptr;  // counted on; null when not
  upstream::Target* target_ = nullptr;  // entered, so that the replica's name lives as long as the exchange
  filters::Exchange filtered_;
  filters::Arena arena_;
  router::Match match_;
  Buffer request_buffer_;  // the head's bytes
  http1::ChunkedDecoder request_chunks_, response_chunks_;
  http1::Progress response_progress_;
  char chunk_room_[20];
  std::unique_ptr<Capture> capture_;  // null without a witness
  Timer timer_{this, &Exchange::timer_fired};

  base::Instant begun_{}, dispatched_{}, answered_at_{}, last_byte_{};
  std::uint64_t request_left_ = 0, response_left_ = 0;  // of bodies with a length
  std::uint64_t discarded_ = 0;
  std::uint64_t bytes_in_ = 0, bytes_out_ = 0;
  base::Code code_{};
  int status_ = 0;  // 0: the answer has not begun
  State state_ = State::unused;
  Wait waiting_for_ = Wait::nothing;
  http1::Framing response_framing_ = http1::Framing::none;
  bool request_done_ = false, request_stopped_ = false;
  bool continue_expected_ = false;  // the client holds its body back until it gets 100
  bool continued_ = false;          // it got that from the gateway
  bool filtered_response_ = false;  // the filters have dealt with the answer
  bool response_done_ = false, upstream_reusable_ = false;
  bool rechunk_ = false, dechunk_ = false;
  bool keep_open_ = false, head_request_ = false, upgrading_ = false;
  std::uint8_t interim_seen_ = 0;
  bool more_heads_ = false;  // behind an interim one the next may have arrived already
  bool connect_retried_ = false, replayed_ = false, needs_fresh_ = false;
  bool client_half_ended_ = false, upstream_half_ended_ = false;
};

}  // namespace msctl::gateway::server
