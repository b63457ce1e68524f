#include "runtime/kubernetes/external_metrics/query.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "runtime/kubernetes/external_metrics/names.h"

namespace msctl::kubernetes::external_metrics {
namespace {

constexpr std::array<std::pair<Metric, std::string_view>, 3> metrics{
    {{Metric::requests_per_second, requests_per_second},
     {Metric::concurrency, concurrency},
     {Metric::latency_p95, latency_p95}}};

constexpr std::size_t longest_name = 63;  // of a label (RFC 1123)

bool is_label(std::string_view name) {
  auto is_inner = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !name.empty() && name.size() <= longest_name && std::ranges::all_of(name, is_inner) &&
         name.front() != '-' && name.back() != '-';
}

Refused bad(std::string message) {
  return {400, "BadRequest", std::move(message)};
}

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Of a form: "%3D" and "+".
std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      if (i + 2 >= text.size() || hex(text[i + 1]) < 0 || hex(text[i + 2]) < 0) return std::nullopt;
      out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    }
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> out;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find(at, begin);
    out.push_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos) return out;
    begin = end + 1;
  }
}

// A requirement as key and value.
std::optional<std::pair<std::string_view, std::string_view>> equality(std::string_view requirement) {
  const std::size_t sign = requirement.find('=');
  if (sign != std::string_view::npos) {
    std::string_view value = requirement.substr(sign + 1);
    if (value.starts_with('=')) value.remove_prefix(1);
    return std::pair{trimmed(requirement.substr(0, sign)), trimmed(value)};
  }
  constexpr std::string_view in = " in (";
  const std::size_t set = requirement.find(in);
  if (set == std::string_view::npos || !requirement.ends_with(')')) return std::nullopt;
  std::string_view value = requirement.substr(set + in.size());
  value.remove_suffix(1);
  return std::pair{trimmed(requirement.substr(0, set)), trimmed(value)};
}

// The parameter's value; nothing: it is malformed.
std::optional<std::string> parameter(std::string_view query, std::string_view name) {
  for (const std::string_view pair : split(query, '&')) {
    const std::size_t sign = std::min(pair.find('='), pair.size());
    if (pair.substr(0, sign) == name) return decoded(pair.substr(std::min(sign + 1, pair.size())));
  }
  return std::string();
}

}  // namespace

std::string_view to_string(Metric metric) {
  return metrics[static_cast<std::size_t>(metric)].second;
}

std::variant<Query, Refused> selected(std::string_view selector) {
  Query out;
  for (const std::string_view requirement : split(selector, ',')) {
    const auto pair = equality(trimmed(requirement));
    if (!pair) return bad("a selector here says workspace=NAME,service=NAME");
    std::string* to = pair->first == workspace_label ? &out.workspace
                      : pair->first == service_label ? &out.service
                                                     : nullptr;
    if (to == nullptr) return bad("these metrics have the labels workspace and service only");
    if (!is_label(pair->second)) return bad(fmt::format("the selector's {} is no name", pair->first));
    if (!to->empty() && *to != pair->second)
      return bad(fmt::format("the selector names two values of {}", pair->first));
    *to = pair->second;
  }
  if (out.workspace.empty() || out.service.empty())
    return bad("the selector has to say workspace=NAME,service=NAME");
  return out;
}

Asked asked(std::string_view path, std::string_view query) {
  if (path == "/healthz" || path == "/livez" || path == "/readyz") return Page{Page::Kind::health};
  constexpr std::string_view root = "/apis/external.metrics.k8s.io";
  const Refused unknown{404, "NotFound", "there is nothing at this path"};
  if (!path.starts_with(root)) return unknown;
  path.remove_prefix(root.size());
  if (path.ends_with('/')) path.remove_suffix(1);
  if (path.empty()) return Page{Page::Kind::group};
  constexpr std::string_view version = "/v1beta1";
  if (path == version) return Page{Page::Kind::resources};
  constexpr std::string_view spaces = "/v1beta1/namespaces/";
  if (!path.starts_with(spaces)) return unknown;
  const auto parts = split(path.substr(spaces.size()), '/');
  if (parts.size() != 2 || !is_label(parts[0])) return unknown;
  const auto metric = std::ranges::find(metrics, parts[1], &std::pair<Metric, std::string_view>::second);
  if (metric == metrics.end()) return Refused{404, "NotFound", "there is no such metric"};
  const auto selector = parameter(query, "labelSelector");
  if (!selector) return bad("the selector is not encoded as an address has to be");
  auto out = selected(*selector);
  if (Refused* refused = std::get_if<Refused>(&out)) return std::move(*refused);
  Query& wanted = std::get<Query>(out);
  wanted.space = parts[0];
  wanted.metric = metric->first;
  return std::move(wanted);
}

}  // namespace msctl::kubernetes::external_metrics
