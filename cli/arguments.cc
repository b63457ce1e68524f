#include "cli/arguments.h"

#include <charconv>
#include <stdexcept>

#include "runtime/base/units.h"

namespace msctl::cli {

const Arguments::Values& Arguments::at(std::string_view flag) const {
  auto found = flags.find(flag);
  if (found == flags.end()) throw std::logic_error("no flag --" + std::string(flag) + " in this command");
  return found->second;
}

bool Arguments::given(std::string_view flag) const {
  return at(flag).given;
}

bool Arguments::on(std::string_view flag) const {
  return text(flag) == "true";
}

std::string Arguments::text(std::string_view flag) const {
  return maybe(flag).value_or("");
}

std::optional<std::string> Arguments::maybe(std::string_view flag) const {
  const auto& texts = at(flag).texts;
  if (texts.empty()) return std::nullopt;
  return texts.back();
}

std::int64_t Arguments::integer(std::string_view flag) const {
  std::string value = text(flag);
  std::int64_t number = 0;
  std::from_chars(value.data(), value.data() + value.size(), number);
  return number;
}

base::Duration Arguments::duration(std::string_view flag) const {
  return base::parse_duration(text(flag)).value_or(base::Duration{});
}

std::vector<std::string> Arguments::list(std::string_view flag) const {
  return at(flag).texts;
}

std::vector<std::string> Arguments::words(std::string_view argument) const {
  auto found = positional.find(argument);
  if (found == positional.end())
    throw std::logic_error("no argument " + std::string(argument) + " in this command");
  return found->second;
}

std::string Arguments::word(std::string_view argument) const {
  auto all = words(argument);
  return all.empty() ? std::string() : all.front();
}

}  // namespace msctl::cli
