// Counters and durations of requests, in Prometheus' text format.
#pragma once

#include <memory>
#include <string>

namespace app {

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // `route`: the pattern, never the raw path, which would make a time series for each item. Thread-safe.
  void observe(const std::string& method, const std::string& route, int status, double seconds);

  std::string text() const;

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace app
