// Prometheus' text format, version 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format).
//
// Written here rather than by prometheus-cpp, which Debian has as a shared library only: it and libstdc++.so
// took a third of the time that every command of msctl takes to start (docs/bench).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace msctl::gateway::telemetry {

using Labels = std::vector<std::pair<std::string_view, std::string>>;

enum class MetricType : std::uint8_t { counter, gauge, histogram };

// One metric with its series, in the order in which they are added. Without a series it writes nothing but
// its head.
class Metric {
public:
  Metric(std::string_view name, std::string_view help, MetricType type);

  void add(const Labels& labels, double value);
  // `counts`: of each bucket alone, one more than `bounds`; the last is of what lies above all bounds. `sum`
  // in the metric's unit.
  void add_histogram(const Labels& labels, std::span<const double> bounds,
                     std::span<const std::uint64_t> counts, double sum);

  const std::string& text() const { return text_; }

private:
  void sample(std::string_view suffix, const Labels& labels, std::string_view bound, double value);

  std::string_view name_;
  std::string text_;
};

}  // namespace msctl::gateway::telemetry
