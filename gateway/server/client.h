// A connection from a client. Between requests it holds a socket, a timer and nothing else; for the time of a
// request it has an Exchange. Requests that come ahead of their turn (pipelining) wait unread.
#pragma once

#include <memory>

#include "gateway/filters/address.h"
#include "gateway/server/stream.h"
#include "gateway/server/worker.h"

namespace msctl::gateway::server {

class Client final : public Source {
public:
  Client(Worker& worker, int descriptor, const sockaddr_storage& peer);
  ~Client() override;

  void on_events(std::uint32_t events) override;
  // Does all that can be done now: called on events, when the upstream has something, after time-outs.
  void advance();

  // From the exchange.
  Worker& worker() { return worker_; }
  const filters::Address& peer() const { return peer_; }
  void exchange_ended(bool keep_open);  // the answer is written whole
  void expect_body(base::Duration limit);
  void body_arrived(std::size_t bytes) { body_bytes_ += bytes; }
  void body_complete();
  // The outbox is not empty: a client that takes nothing for so long is dropped.
  void watch_writing(base::Duration limit);
  void close();  // at once; the object stays until the end of the round
  bool closed() const { return closed_; }

  // From the worker.
  void send_and_linger(std::string_view last_words);
  void drain();  // closes it if it is idle
  bool idle() const { return phase_ == Phase::reading_head && waiting_for_ == Wait::request; }
  Client* next = nullptr;
  Client* previous = nullptr;
  bool refused = false;

  Stream stream;

private:
  enum class Phase : std::uint8_t { reading_head, exchange, lingering };
  enum class Wait : std::uint8_t { nothing, request, head, body };

  bool read_head();
  bool parse_head();
  void reject(http1::Fault fault);
  void start_exchange();
  void become_idle();
  void linger();
  bool discard();
  void late();  // the deadline has come
  void body_late();
  void writing_late();

  Worker& worker_;
  filters::Address peer_;
  std::unique_ptr<Exchange> exchange_;
  Timer timer_{this, [](void* self) { static_cast<Client*>(self)->late(); }};
  // Beside the other deadlines: a client may be slow to take and slow to send at once.
  Timer writing_timer_{this, [](void* self) { static_cast<Client*>(self)->writing_late(); }};
  base::Duration writing_limit_{};
  base::Instant last_taken_{};
  bool writing_watched_ = false;
  http1::Progress progress_;
  base::Instant request_begun_{};
  std::uint64_t body_bytes_ = 0;  // since the last look at the pace
  base::Duration body_window_{};
  std::size_t discarded_ = 0;
  Phase phase_ = Phase::reading_head;
  Wait waiting_for_ = Wait::nothing;
  bool partial_ = false;  // the beginning of a head has been read
  bool closed_ = false;
  bool in_advance_ = false;
};

}  // namespace msctl::gateway::server
