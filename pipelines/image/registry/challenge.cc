#include "pipelines/image/registry/challenge.h"

#include <algorithm>

#include "runtime/base/text.h"

namespace msctl::image {
namespace {

class Reader {
public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool at_end() const { return text_.empty(); }

  void skip(std::string_view what) {
    text_.remove_prefix(std::min(text_.find_first_not_of(what), text_.size()));
  }

  bool take(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }

  // RFC 9110's token.
  std::string token() {
    constexpr std::string_view separators = "()<>@,;:\\\"/[]?={} \t";
    std::size_t n = 0;
    while (n < text_.size() && text_[n] > ' ' && text_[n] < 0x7f &&
           separators.find(text_[n]) == std::string_view::npos)
      ++n;
    std::string out(text_.substr(0, n));
    text_.remove_prefix(n);
    return out;
  }

  bool value(std::string& out) {
    out.clear();
    if (!take('"')) {
      out = token();
      return !out.empty();
    }
    while (!text_.empty()) {
      char c = text_.front();
      text_.remove_prefix(1);
      if (c == '"') return true;
      if (c == '\\') {
        if (text_.empty()) return false;
        c = text_.front();
        text_.remove_prefix(1);
      }
      out += c;
    }
    return false;
  }

  std::string_view rest() const { return text_; }
  void back_to(std::string_view text) { text_ = text; }

private:
  std::string_view text_;
};

// "name = value", else the reader stands where it stood.
bool take_pair(Reader& reader, std::string& name, std::string& value) {
  const std::string_view before = reader.rest();
  name = base::lower(reader.token());
  reader.skip(" \t");
  if (!name.empty() && reader.take('=')) {
    reader.skip(" \t");
    if (reader.value(value)) return true;
  }
  reader.back_to(before);
  return false;
}

}  // namespace

std::string Challenge::value(std::string_view name) const {
  for (const auto& [each, text] : values)
    if (each == name) return text;
  return {};
}

std::vector<Challenge> parse_challenges(std::string_view field) {
  std::vector<Challenge> out;
  Reader reader(field);
  for (;;) {
    reader.skip(" \t,");
    if (reader.at_end()) return out;
    std::string name, value;
    // A pair here belongs to the challenge before; a word without '=' begins another.
    if (!out.empty() && take_pair(reader, name, value)) {
      out.back().values.emplace_back(std::move(name), std::move(value));
      continue;
    }
    Challenge next{base::lower(reader.token()), {}};
    if (next.scheme.empty()) return out;
    out.push_back(std::move(next));
  }
}

}  // namespace msctl::image
