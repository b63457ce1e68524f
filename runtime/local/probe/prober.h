// Health checks: a TCP connect, or a GET that answers 200 to 399. In the run's loop, without waiting and
// without a thread; each check is a connection of its own, so that it tells what a new client would meet.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_set>

#include "runtime/local/loop/loop.h"

namespace msctl::local {

struct ProbeAnswer {
  bool ok = false;
  std::string what;  // "GET /health/ready answers 503", "connection refused on port 41234"
};

class Prober {
public:
  using Done = std::function<void(const ProbeAnswer&)>;

  explicit Prober(Loop& loop) : loop_(loop) {}
  ~Prober();
  Prober(const Prober&) = delete;
  Prober& operator=(const Prober&) = delete;

  // `path` empty: connect only. `done` may be called before this returns.
  void probe(int port, const std::string& path, base::Duration timeout, Done done);

private:
  struct Check;
  void advance(const std::shared_ptr<Check>& check, std::uint32_t events);
  void finish(const std::shared_ptr<Check>& check, bool ok, std::string what);

  Loop& loop_;
  std::unordered_set<std::shared_ptr<Check>> running_;
};

// The status of an HTTP response's first line, or 0.
int status_of(std::string_view head);

}  // namespace msctl::local
