#include "gateway/filters/forwarded/elements.h"

#include "gateway/http1/fields.h"
#include "gateway/http1/scan.h"

namespace msctl::gateway::filters {
namespace {

class Reader {
public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  bool at_pair_end() const { return rest_.empty() || rest_.front() == ';' || rest_.front() == ','; }
  void skip_space() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) rest_.remove_prefix(1);
  }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // The longest token here; empty if there is none.
  std::string_view token() {
    std::size_t size = 0;
    while (size < rest_.size() && http1::is_token(rest_.substr(size, 1))) ++size;
    std::string_view out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return out;
  }
  // Behind the opening quote. A node needs no escapes: one with them is told as it stands.
  bool quoted(std::string_view& out) {
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      if (rest_[i] == '\\') {
        if (++i == rest_.size()) return false;
      } else if (rest_[i] == '"') {
        out = rest_.substr(0, i);
        rest_.remove_prefix(i + 1);
        return true;
      }
    }
    return false;
  }

private:
  std::string_view rest_;
};

struct Pair {
  std::string_view name, value;
};

bool read_pair(Reader& reader, Pair& pair) {
  pair.name = reader.token();
  if (pair.name.empty() || !reader.take('=')) return false;
  if (reader.take('"')) return reader.quoted(pair.value);
  pair.value = reader.token();
  return !pair.value.empty();
}

// Up to the comma or the end.
bool read_element(Reader& reader, std::string_view& node) {
  constexpr std::string_view known[] = {"for", "by", "host", "proto"};
  bool seen[std::size(known)] = {};
  node = {};
  for (;;) {
    Pair pair;
    if (!reader.at_pair_end() && !read_pair(reader, pair)) return false;
    for (std::size_t i = 0; i < std::size(known); ++i) {
      if (!http1::same_name(pair.name, known[i])) continue;
      if (seen[i]) return false;
      seen[i] = true;
      if (i == 0) node = pair.value;
    }
    reader.skip_space();
    if (!reader.take(';')) return true;
    reader.skip_space();
  }
}

}  // namespace

bool for_each_forwarded(std::string_view list, const std::function<void(std::string_view)>& node) {
  Reader reader(list);
  for (reader.skip_space(); !reader.at_end(); reader.skip_space()) {
    if (reader.take(',')) continue;  // empty elements are allowed (RFC 9110 section 5.6.1)
    std::string_view value;
    if (!read_element(reader, value)) return false;
    node(value);
    reader.skip_space();
    if (!reader.at_end() && !reader.take(',')) return false;
  }
  return true;
}

}  // namespace msctl::gateway::filters
