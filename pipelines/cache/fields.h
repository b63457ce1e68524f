// Named byte strings, one after the other: "NAME SIZE\\n", the bytes, "\\n". The form of everything that the
// cache writes: it holds any output, and is read without trust.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace msctl::cache {

struct Field {
  std::string name;  // without blanks and line breaks
  std::string value;
  bool operator==(const Field&) const = default;
};

std::string write_fields(const std::vector<Field>& fields);

// Nothing where the bytes are not what write_fields makes, to the last one.
std::optional<std::vector<Field>> read_fields(std::string_view bytes);

}  // namespace msctl::cache
