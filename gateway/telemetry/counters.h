// What a gateway counts. Each reactor writes counters of its own (one writer, so plain adds on relaxed
// atomics: no locked instruction, no shared cache line); a scrape adds them up over the threads.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/traffic/traffic.h"
#include "runtime/base/clock.h"
#include "runtime/base/codes.h"

namespace msctl::gateway::telemetry {

// Written by one thread, read by any.
class Counter {
public:
  void add(std::uint64_t count = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  void subtract(std::uint64_t count = 1) {
    value_.store(value_.load(std::memory_order_relaxed) - count, std::memory_order_relaxed);
  }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::uint64_t> value_{0};
};

class Histogram {
public:
  // Upper bounds in seconds; one more bucket takes what is above.
  static constexpr auto bounds = traffic::bounds;
  void observe(base::Duration duration);
  std::uint64_t bucket(std::size_t index) const { return buckets_[index].value(); }
  std::uint64_t sum_nanoseconds() const { return sum_.value(); }

private:
  std::array<Counter, bounds.size() + 1> buckets_;
  Counter sum_;
};

// The methods that have a label of their own; all others count as OTHER, so that clients cannot invent
// series.
enum class Method : std::uint8_t { get, head, post, put, patch, remove, options, trace, connect, other };
Method method_from(std::string_view name);
std::string_view to_string(Method method);

// Requests that one thread answered for one route.
class RouteCounters {
public:
  ~RouteCounters();
  // Each request that is begun is answered in the end.
  void begin() { begun.add(); }
  void answered(Method method, int status, base::Duration took);
  void upstream_took(base::Duration took) { upstream_duration.observe(took); }
  void rejected(base::Code code);

  struct Series {
    Method method;
    int status;
    Counter count;
    std::atomic<Series*> next{nullptr};
  };
  const Series* first() const { return first_.load(std::memory_order_acquire); }
  std::uint64_t rejected_count(std::size_t index) const { return rejected_[index].value(); }
  static constexpr std::size_t codes = 64;  // MSC3000 to MSC3063

  Counter begun;
  Histogram duration, upstream_duration;

private:
  std::atomic<Series*> first_{nullptr};  // only ever grows
  std::array<Counter, codes> rejected_;
};

// All that one thread counts.
struct ThreadCounters {
  Counter client_opened, client_closed, upstream_opened, upstream_closed;
  Counter log_lines_dropped;
  std::deque<std::unique_ptr<RouteCounters>>
      routes;  // by route number; grown and read under the registry's mutex
};

// The threads' counters and the names of what they count. A route keeps its number over reloads.
class Registry {
public:
  explicit Registry(std::size_t threads);

  // Number 0 stands for requests that no route took.
  std::size_t route_number(const std::string& route, const std::string& upstream);
  // For a reactor when it takes a configuration in; the reference lives as long as the registry.
  RouteCounters& route(std::size_t thread, std::size_t number);
  ThreadCounters& thread(std::size_t index) { return *threads_[index]; }

  // Prometheus text format.
  std::string text() const;
  // The same by upstream, over all its routes.
  traffic::AllTotals totals() const;

private:
  struct Name {
    std::string route, upstream;
  };
  mutable std::mutex mutex_;
  std::vector<Name> names_;
  std::vector<std::unique_ptr<ThreadCounters>> threads_;
};

// "unauthorized" for MSC3002: the label `reason`.
std::string_view reason(base::Code code);

}  // namespace msctl::gateway::telemetry
