// How services of a local run reach each other: one listener a caller and need, which balances TCP
// connections over the ready replicas and does nothing more. While no replica is ready, connections are
// refused. A thread of its own, so that traffic between services never delays supervision; any member may be
// called from any thread.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/local/loop/loop.h"

namespace msctl::local {

class Forwarder {
public:
  Forwarder();
  ~Forwarder();
  Forwarder(const Forwarder&) = delete;
  Forwarder& operator=(const Forwarder&) = delete;

  // A new listener on 127.0.0.1 for one caller of `need`: its port. It refuses until there are ports.
  base::Result<int> add(const std::string& need);

  // The ready replicas of a need, on 127.0.0.1.
  void set_ports(const std::string& need, std::vector<int> ports);

private:
  struct Listener;
  struct Need;
  struct Pair;

  void open_or_close(Need& need, Listener& listener);
  void accept_all(Need& need, Listener& listener);
  void connect_next(const std::shared_ptr<Pair>& pair);
  void connected(const std::shared_ptr<Pair>& pair);
  void move(const std::shared_ptr<Pair>& pair);
  void close(const std::shared_ptr<Pair>& pair, bool reset);

  Loop loop_;
  std::unordered_map<std::string, std::unique_ptr<Need>> needs_;  // loop's thread only
  std::vector<char> scratch_;
  std::thread thread_;
};

}  // namespace msctl::local
