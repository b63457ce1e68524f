// The normal form of a path: a fixed point, with nothing in it that an upstream could read in another way,
// and never the meaning that the path did not have: decoded, its bytes are those of the path.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/path/normalise.h"
#include "gateway/path/pattern.h"
#include "tests/fuzz/check.h"

using namespace msctl::gateway;

namespace {

int digit(char c) {
  return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%')
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2])), i += 2;
    else
      out += text[i];
  }
  return out;
}

// RFC 3986 section 5.2.4, written the slow way.
std::string without_dots(std::string_view path) {
  std::vector<std::string> segments;
  bool slash = true;
  for (std::size_t at = 1; at <= path.size();) {
    std::size_t end = std::min(path.find('/', at), path.size());
    std::string segment(path.substr(at, end - at));
    slash = segment.empty() || segment == "." || segment == "..";
    if (segment == "..") {
      FUZZ_CHECK(!segments.empty());
      segments.pop_back();
    } else if (!segment.empty() && segment != ".") {
      segments.push_back(segment);
    }
    at = end + 1;
  }
  std::string out;
  for (const std::string& segment : segments) out += "/" + segment;
  return out.empty() ? "/" : out + (slash ? "/" : "");
}

void check_normal(std::string_view path, std::string_view normal) {
  std::string bounded = std::string(normal) + "/";
  for (std::string_view bad : {"/./", "/../"}) FUZZ_CHECK(bounded.find(bad) == std::string::npos);
  for (std::string_view bad : {"//", "\\", ";", "%2F", "%5C", "%00", "%2E", "%3B", "%252F", "%252f", "%252E",
                               "%252e", "?", "#", " "})
    FUZZ_CHECK(normal.find(bad) == std::string_view::npos);
  for (char c : normal) FUZZ_CHECK(c > 0x20 && c < 0x7F);
  std::string plain = decoded(normal);
  FUZZ_CHECK(plain == without_dots(decoded(path)));
  FUZZ_CHECK(plain.find('\0') == std::string::npos && plain.find('\\') == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<char> scratch(path::room(size)), second(3 * path::room(size));
  if (auto normal = path::normalise(text, scratch)) {
    check_normal(text, *normal);
    auto again = path::normalise(*normal, second);
    FUZZ_CHECK(again && *again == *normal);
  } else {
    FUZZ_CHECK(!path::describe(normal.error()).empty());
  }
  (void)path::valid_query(text);
  if (auto pattern = path::parse_pattern(text)) FUZZ_CHECK(pattern->parameter_count() <= 16);
  return 0;
}
