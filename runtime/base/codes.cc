#include "runtime/base/codes.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace msctl::base {

std::span<const CodeInfo> all_codes() {
  static const std::vector<CodeInfo> sorted = [] {
    std::vector<CodeInfo> codes{
#define MSC_CODE(name, number, exit, title, cause, example, cure) \
  CodeInfo{Code::name, Exit::exit, title, cause, example, cure},
#include "runtime/base/codes/all.inc"
#undef MSC_CODE
    };
    std::ranges::sort(codes, {}, &CodeInfo::code);
    return codes;
  }();
  return sorted;
}

const CodeInfo& info(Code code) {
  auto codes = all_codes();
  return *std::ranges::lower_bound(codes, code, {}, &CodeInfo::code);
}

std::string to_string(Code code) {
  return fmt::format("MSC{:04}", static_cast<int>(code));
}

std::optional<Code> code_from(std::string_view text) {
  if (text.size() == 7 && (text.starts_with("MSC") || text.starts_with("msc"))) text.remove_prefix(3);
  int number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  for (const CodeInfo& each : all_codes())
    if (static_cast<int>(each.code) == number) return each.code;
  return std::nullopt;
}

}  // namespace msctl::base
