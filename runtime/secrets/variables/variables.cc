#include "runtime/secrets/variables/variables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace msctl::secrets {
namespace {

constexpr std::string_view of_service = "{SERVICE}";
constexpr std::string_view of_name = "{NAME}";

void replace(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

std::string in_capitals(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return c == '-' ? '_' : static_cast<char>(std::toupper(c)); });
  return text;
}

}  // namespace

std::string variable_name(const std::string& pattern, const std::string& service, const std::string& name) {
  std::string out = pattern;
  replace(out, of_service, in_capitals(service));
  replace(out, of_name, name);
  return out;
}

std::expected<Values, base::Errors> Variables::read(const std::vector<Wanted>& wanted) {
  Values out;
  base::Errors errors;
  for (const Wanted& each : wanted)
    for (const std::string& name : each.names) {
      const std::string variable = variable_name(pattern_, each.service, name);
      const std::optional<std::string> value = lookup_(variable);
      if (value && !value->empty())
        out[each.service][name] = *value;
      else
        errors.push_back(missing(each.service, name, fmt::format("the variable {}", variable),
                                 fmt::format("set {} where msctl deploy runs", variable)));
    }
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return out;
}

}  // namespace msctl::secrets
