#include "runtime/base/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "runtime/base/text.h"

namespace msctl::base {
namespace {

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// Optimal string alignment: insertions, deletions, replacements, and swaps of neighbours cost one each.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t replace = d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, replace});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a.size()][b.size()];
}

}  // namespace

bool is_label(std::string_view name) {
  if (name.empty() || name.size() > 63) return false;
  if (!is_alphanumeric(name.front()) || !is_alphanumeric(name.back())) return false;
  return std::ranges::all_of(name, [](char c) { return is_alphanumeric(c) || c == '-'; });
}

std::string nearest(std::string_view typed, std::span<const std::string> candidates) {
  if (typed.size() > 128) return {};  // nobody typed that; and the table is quadratic
  std::string wanted = lower(typed);
  std::string best;
  std::size_t allowed = std::min<std::size_t>(3, std::max<std::size_t>(1, typed.size() / 3));
  std::size_t best_distance = allowed + 1;
  for (const std::string& candidate : candidates) {
    std::size_t far = distance(wanted, lower(candidate));
    if (far < best_distance) best_distance = far, best = candidate;
  }
  // A longer or shorter form of one name alone: "golang", "python3", "py".
  if (best.empty() && typed.size() >= 2)
    for (const std::string& candidate : candidates) {
      std::string known = lower(candidate);
      if (known.size() < 2 || (!wanted.starts_with(known) && !known.starts_with(wanted))) continue;
      if (!best.empty()) return {};
      best = candidate;
    }
  return best;
}

std::string did_you_mean(std::string_view typed, std::span<const std::string> candidates) {
  std::string best = nearest(typed, candidates);
  return best.empty() ? std::string{} : fmt::format("did you mean '{}'?", best);
}

std::string either(std::span<const std::string> names) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out += i + 1 == names.size() ? " or " : ", ";
    out += names[i];
  }
  return out;
}

std::string need_variable(std::string_view need) {
  std::string out;
  for (char c : need) out += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out + "_URL";
}

}  // namespace msctl::base
