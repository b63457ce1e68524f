// A connection to a replica: connecting, in use by one exchange, or idle in its endpoint's list.
#pragma once

#include "gateway/server/stream.h"
#include "gateway/server/worker.h"

namespace msctl::gateway::server {

class Connection final : public Source, public upstream::IdleLink {
public:
  // Begins to connect for this exchange. Null with errno when that fails at once.
  static Connection* open(Worker& worker, upstream::Target& target, Exchange& user);
  // A pooled one that has been idle for less than this; null if there is none.
  static Connection* reuse(Worker& worker, upstream::Target& target, Exchange& user,
                           base::Duration fresher_than);
  ~Connection() override;

  void on_events(std::uint32_t events) override;
  void close_idle() override { close(); }

  bool connected() const { return connected_; }
  bool reused() const { return reused_; }
  upstream::Target& target() { return target_; }
  bool still_open();  // looks at the socket: nothing has arrived, and the peer has not closed

  // The exchange has no more use for it: back to the list, or closed. The object may be gone afterwards.
  void give_back();
  void close();

  Stream stream;

private:
  Connection(Worker& worker, upstream::Target& target, int descriptor);
  void finish_connecting();
  static void idle_too_long(void* self);

  Worker& worker_;
  upstream::Target& target_;
  Exchange* user_ = nullptr;
  Timer idle_timer_{this, &idle_too_long};
  bool connected_ = false;
  bool reused_ = false;
  bool closed_ = false;
};

}  // namespace msctl::gateway::server
