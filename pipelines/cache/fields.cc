#include "pipelines/cache/fields.h"

#include <charconv>

namespace msctl::cache {

std::string write_fields(const std::vector<Field>& fields) {
  std::string out;
  for (const Field& field : fields)
    out += field.name + ' ' + std::to_string(field.value.size()) + '\n' + field.value + '\n';
  return out;
}

std::optional<std::vector<Field>> read_fields(std::string_view bytes) {
  std::vector<Field> out;
  while (!bytes.empty()) {
    const std::size_t line = bytes.find('\n');
    if (line == std::string_view::npos) return std::nullopt;
    const std::size_t blank = bytes.substr(0, line).find(' ');
    if (blank == std::string_view::npos || blank == 0) return std::nullopt;
    const std::string_view digits = bytes.substr(blank + 1, line - blank - 1);
    std::size_t size = 0;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
    const bool canonical = digits.size() == 1 || !digits.starts_with('0');
    if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty() || !canonical)
      return std::nullopt;
    const std::string_view rest = bytes.substr(line + 1);
    if (size >= rest.size() || rest[size] != '\n') return std::nullopt;
    out.push_back({std::string(bytes.substr(0, blank)), std::string(rest.substr(0, size))});
    bytes = rest.substr(size + 1);
  }
  return out;
}

}  // namespace msctl::cache
