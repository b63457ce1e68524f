// Names: which are valid, and which one was meant.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace msctl::base {

// RFC 1123 label: 1 to 63 of a–z, 0–9 and '-', beginning and ending with a letter or a digit.
bool is_label(std::string_view name);

// The candidate that `typed` most likely stood for (Damerau-Levenshtein distance, optimal string alignment,
// at most a third of the length and at most 3; otherwise the only one that begins like it, or like which it
// begins), or empty.
std::string nearest(std::string_view typed, std::span<const std::string> candidates);

// "did you mean 'needs'?", or empty when nothing is near.
std::string did_you_mean(std::string_view typed, std::span<const std::string> candidates);

// "a", "a or b", "a, b or c".
std::string either(std::span<const std::string> names);

// The environment variable by which a service finds a need: "INVENTORY_URL" for "inventory".
std::string need_variable(std::string_view need);

}  // namespace msctl::base
