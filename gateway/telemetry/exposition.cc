#include "gateway/telemetry/exposition.h"

#include <fmt/format.h>

#include <iterator>

namespace msctl::gateway::telemetry {
namespace {

std::string_view to_string(MetricType type) {
  switch (type) {
    case MetricType::counter:
      return "counter";
    case MetricType::gauge:
      return "gauge";
    case MetricType::histogram:
      return "histogram";
  }
  return "untyped";
}

// In a label's value: backslash, quote and line feed.
void append_escaped(std::string& to, std::string_view value) {
  for (char c : value) {
    if (c == '\n') {
      to += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') to += '\\';
    to += c;
  }
}

}  // namespace

Metric::Metric(std::string_view name, std::string_view help, MetricType type)
    : name_(name), text_(fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, to_string(type))) {}

void Metric::add(const Labels& labels, double value) {
  sample("", labels, {}, value);
}

void Metric::add_histogram(const Labels& labels, std::span<const double> bounds,
                           std::span<const std::uint64_t> counts, double sum) {
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    cumulative += counts[i];
    sample("_bucket", labels, i < bounds.size() ? fmt::format("{}", bounds[i]) : "+Inf",
           static_cast<double>(cumulative));
  }
  sample("_sum", labels, {}, sum);
  sample("_count", labels, {}, static_cast<double>(cumulative));
}

void Metric::sample(std::string_view suffix, const Labels& labels, std::string_view bound, double value) {
  text_.append(name_).append(suffix);
  char mark = '{';
  for (const auto& [label, text] : labels) {
    fmt::format_to(std::back_inserter(text_), "{}{}=\"", mark, label);
    append_escaped(text_, text);
    text_ += '"';
    mark = ',';
  }
  if (!bound.empty()) {
    fmt::format_to(std::back_inserter(text_), "{}le=\"{}\"", mark, bound);
    mark = ',';
  }
  if (mark == ',') text_ += '}';
  fmt::format_to(std::back_inserter(text_), " {}\n", value);
}

}  // namespace msctl::gateway::telemetry
