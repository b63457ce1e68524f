// One reactor's share of the gateway: its clients, its view of the configuration, its connections to
// upstreams, its counters. Everything here belongs to the reactor's thread, except where a comment says
// otherwise.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/server/reactor.h"
#include "gateway/server/snapshot.h"
#include "gateway/server/witness.h"
#include "gateway/telemetry/access_entry.h"
#include "gateway/telemetry/access_log.h"

namespace msctl::gateway::server {

class Acceptor;
class Client;
class Exchange;

// What the reactors of a gateway share.
struct Shared {
  explicit Shared(std::size_t threads) : registry(threads) {}
  telemetry::Registry registry;
  filters::Shared filters;
  std::unique_ptr<telemetry::AccessLog> access_log;  // null: none
  std::size_t client_limit = 0;                      // open connections; more are answered 503
  std::atomic<std::size_t> clients{0};
  Witness* witness = nullptr;  // null: nobody looks

  // The gate of an upstream, the same for all threads.
  std::shared_ptr<upstream::Gate> gate(const std::string& upstream) {
    std::lock_guard lock(mutex_);
    auto& gate = gates_[upstream];
    if (!gate) gate = std::make_shared<upstream::Gate>();
    return gate;
  }

private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<upstream::Gate>> gates_;
};

class Worker {
public:
  Worker(Shared& shared, std::size_t index);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Control: posted as tasks.
  void adopt(std::shared_ptr<const Snapshot> snapshot);
  void set_endpoints(const std::string& upstream, const upstream::Endpoints& endpoints);
  void listen(int descriptor);          // takes it over
  void stop_listening(int descriptor);  // takes what is in its queue first
  void let_go();                        // those that wait at a gate which is open now
  void begin_drain(std::function<void()> when_empty);
  void cut();  // closes every connection

  // For the connections.
  Reactor reactor;
  View& view() { return *view_; }
  bool draining() const { return draining_; }
  telemetry::ThreadCounters& counters() { return counters_; }
  telemetry::RouteCounters& unrouted() { return unrouted_; }
  upstream::Random& balancing() { return balancing_; }
  http1::ResponseHead& response_head() { return response_head_; }
  std::string_view date();  // of now, for Date: 29 bytes
  void log(telemetry::AccessEntry& entry);
  Witness* witness() const { return shared_.witness; }
  void waits_at_gate(Exchange& exchange) { at_gate_.push_back(&exchange); }
  void left_gate(Exchange& exchange) { std::erase(at_gate_, &exchange); }

  std::unique_ptr<Exchange> take_exchange();
  void give_exchange(std::unique_ptr<Exchange> exchange);

  void accepted(int descriptor, const sockaddr_storage& peer);
  void refuse(int descriptor);  // 503
  void joined(Client& client);
  void left(Client& client);
  void idles(Client& client);
  bool close_idle_upstream();  // some pooled connections; false when there are none
  bool make_room();            // closes what lies idle; false when nothing does

private:
  upstream::Group& group(const std::string& name);
  void link(Client& client);
  void unlink(Client& client);
  bool close_idle_client();
  void forget_upstreams(const View& gone);

  Shared& shared_;
  std::size_t index_;
  View* view_ = nullptr;
  telemetry::ThreadCounters& counters_;
  telemetry::RouteCounters& unrouted_;
  filters::Random ids_;
  upstream::Random balancing_;  // behind ids_, from which it takes its seed
  filters::Arena arena_;        // for answers without an exchange
  http1::ResponseHead response_head_;
  std::unordered_map<std::string, std::unique_ptr<upstream::Group>> groups_;
  std::vector<std::unique_ptr<Exchange>> free_exchanges_;
  std::vector<Exchange*> at_gate_;  // in the order in which they came
  std::vector<Acceptor*> acceptors_;
  Client* clients_ = nullptr;  // linked through the clients: those that became idle last come first
  Client* last_client_ = nullptr;
  std::size_t refused_count_ = 0;
  bool draining_ = false;
  std::function<void()> when_empty_;

  telemetry::EntryWriter entry_writer_;
  bool logged_ = false;  // lines were put in this round
  std::int64_t date_second_ = -1;
  std::array<char, 32> date_{};
};

}  // namespace msctl::gateway::server
