#include "gateway/path/normalise.h"

#include <array>

namespace msctl::gateway::path {
namespace {

enum class Kind : std::uint8_t {
  plain,    // stands as it is, and its escape becomes it
  kept,     // stands as it is, and its escape stays (only '+')
  escaped,  // raw becomes an escape, an escape stays
  dot,
  slash,
  percent,
  backslash,
  semicolon,
  forbidden,  // raw: control characters, space, '#', '?', beyond ASCII
};

constexpr std::array<Kind, 256> kinds = [] {
  std::array<Kind, 256> table{};
  for (std::size_t c = 0; c < 256; ++c) {
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    table[c] = letter ? Kind::plain : Kind::forbidden;
  }
  for (char c : std::string_view("-_~!$&'()*,=:@")) table[static_cast<unsigned char>(c)] = Kind::plain;
  for (char c : std::string_view("\"<>[]^`{|}")) table[static_cast<unsigned char>(c)] = Kind::escaped;
  table['+'] = Kind::kept;
  table['.'] = Kind::dot;
  table['/'] = Kind::slash;
  table['%'] = Kind::percent;
  table['\\'] = Kind::backslash;
  table[';'] = Kind::semicolon;
  return table;
}();

Kind kind_of(char c) {
  return kinds[static_cast<unsigned char>(c)];
}

constexpr int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// The byte that "%XX" at the front of `text` stands for, or -1.
int escaped_byte(std::string_view text) {
  if (text.size() < 3) return -1;
  int high = digit(text[1]), low = digit(text[2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool is_control(int byte) {
  return byte < 0x20 || byte == 0x7F;
}

// Accepts exactly the well-formed sequences of the Unicode standard's table 3-7, a byte at a time.
class Utf8 {
public:
  bool complete() const { return missing_ == 0; }
  bool take(int byte) {
    if (missing_ > 0) {
      if (byte < low_ || byte > high_) return false;
      low_ = 0x80, high_ = 0xBF, --missing_;
      return true;
    }
    if (byte < 0x80) return true;
    low_ = 0x80, high_ = 0xBF;
    if (byte >= 0xC2 && byte <= 0xDF) return missing_ = 1, true;
    if (byte >= 0xE0 && byte <= 0xEF) {
      if (byte == 0xE0) low_ = 0xA0;   // shorter would have done
      if (byte == 0xED) high_ = 0x9F;  // surrogates
      return missing_ = 2, true;
    }
    if (byte >= 0xF0 && byte <= 0xF4) {
      if (byte == 0xF0) low_ = 0x90;
      if (byte == 0xF4) high_ = 0x8F;  // beyond U+10FFFF
      return missing_ = 3, true;
    }
    return false;
  }

private:
  int missing_ = 0, low_ = 0x80, high_ = 0xBF;
};

// The normal form, written from left to right; a ".." takes back what was written since the slash before the
// last one.
class Writer {
public:
  explicit Writer(std::span<char> out) : out_(out) { out_[0] = '/'; }

  void put(char c) { out_[size_++] = c; }
  void put_escape(int byte) {
    static constexpr char hex[] = "0123456789ABCDEF";
    put('%'), put(hex[byte >> 4]), put(hex[byte & 15]);
  }
  // At a slash or at the end; false when ".." leads above the root. Afterwards a new segment begins, behind a
  // slash if the segment stays and another follows.
  bool end_segment(bool slash_follows) {
    std::string_view segment(out_.data() + segment_, size_ - segment_);
    if (segment == ".") {
      size_ = segment_;
    } else if (segment == "..") {
      if (segment_ == 1) return false;
      size_ = segment_ - 1;
      while (out_[size_ - 1] != '/') --size_;
      segment_ = size_;
    } else if (slash_follows) {
      put('/');
      segment_ = size_;
    }
    return true;
  }
  std::string_view text() const { return {out_.data(), size_}; }

private:
  std::span<char> out_;
  std::size_t size_ = 1, segment_ = 1;
};

// Nothing to change and nothing to refuse: no escapes, no dots at the front of a segment, no empty segments.
bool is_plainly_normal(std::string_view path) {
  bool at_start = false;
  for (char c : path) {
    Kind kind = kind_of(c);
    if (kind == Kind::slash || kind == Kind::dot) {
      if (at_start) return false;
    } else if (kind > Kind::kept) {
      return false;
    }
    at_start = kind == Kind::slash;
  }
  return true;
}

std::expected<void, Fault> take_escape(std::string_view rest, Utf8& utf8, Writer& out) {
  int byte = escaped_byte(rest);
  if (byte < 0) return std::unexpected(Fault::bad_escape);
  if (is_control(byte)) return std::unexpected(Fault::encoded_control);
  if (!utf8.take(byte)) return std::unexpected(Fault::bad_utf8);
  if (byte >= 0x80) return out.put_escape(byte), std::expected<void, Fault>{};
  switch (kind_of(static_cast<char>(byte))) {
    case Kind::slash:
      return std::unexpected(Fault::encoded_slash);
    case Kind::backslash:
      return std::unexpected(Fault::backslash);
    case Kind::semicolon:
      return std::unexpected(Fault::semicolon);
    case Kind::plain:
    case Kind::dot:
      out.put(static_cast<char>(byte));
      break;
    default:
      out.put_escape(byte);
  }
  return {};
}

// "%25" whose next two characters are digits that a second decoding would turn into something refused or
// removed.
bool holds_escaped_escape(std::string_view normal) {
  for (std::size_t at = normal.find("%25"); at != std::string_view::npos; at = normal.find("%25", at + 3)) {
    int byte = escaped_byte(normal.substr(at + 2));  // "5XX": the first character is skipped
    if (byte >= 0 &&
        (is_control(byte) || byte == '/' || byte == '\\' || byte == '.' || byte == ';' || byte == '%'))
      return true;
  }
  return false;
}

}  // namespace

std::expected<std::string_view, Fault> normalise(std::string_view path, std::span<char> scratch) {
  if (path.empty() || path[0] != '/') return std::unexpected(Fault::not_absolute);
  if (is_plainly_normal(path)) return path;
  Utf8 utf8;
  Writer out(scratch);
  for (std::size_t i = 1; i < path.size(); ++i) {
    char c = path[i];
    Kind kind = kind_of(c);
    if (kind != Kind::percent && !utf8.complete()) return std::unexpected(Fault::bad_utf8);
    switch (kind) {
      case Kind::plain:
      case Kind::kept:
      case Kind::dot:
        out.put(c);
        break;
      case Kind::escaped:
        out.put_escape(static_cast<unsigned char>(c));
        break;
      case Kind::percent:
        if (auto taken = take_escape(path.substr(i), utf8, out); !taken)
          return std::unexpected(taken.error());
        i += 2;
        break;
      case Kind::slash:
        if (path[i - 1] == '/') return std::unexpected(Fault::empty_segment);
        if (!out.end_segment(true)) return std::unexpected(Fault::above_root);
        break;
      case Kind::backslash:
        return std::unexpected(Fault::backslash);
      case Kind::semicolon:
        return std::unexpected(Fault::semicolon);
      case Kind::forbidden:
        return std::unexpected(Fault::bad_character);
    }
  }
  if (!utf8.complete()) return std::unexpected(Fault::bad_utf8);
  if (!out.end_segment(false)) return std::unexpected(Fault::above_root);
  if (holds_escaped_escape(out.text())) return std::unexpected(Fault::double_encoding);
  return out.text();
}

bool valid_query(std::string_view query) {
  for (std::size_t i = 0; i < query.size(); ++i) {
    unsigned char c = static_cast<unsigned char>(query[i]);
    if (c <= 0x20 || c >= 0x7F || c == '#') return false;
    if (c == '%' && escaped_byte(query.substr(i)) < 0) return false;
  }
  return true;
}

std::string_view describe(Fault fault) {
  switch (fault) {
    case Fault::not_absolute:
      return "The path does not begin with '/'.";
    case Fault::bad_character:
      return "The path holds a character that must be percent-encoded (RFC 3986 section 2).";
    case Fault::backslash:
      return "The path holds a backslash, which some servers read as a slash.";
    case Fault::encoded_slash:
      return "The path holds an encoded slash (%2F), which some servers decode.";
    case Fault::encoded_control:
      return "The path holds an encoded control character.";
    case Fault::bad_escape:
      return "A '%' in the path is not followed by two hexadecimal digits (RFC 3986 section 2.1).";
    case Fault::bad_utf8:
      return "The path's percent-encoded bytes are not UTF-8.";
    case Fault::above_root:
      return "The path leads above the root with '..'.";
    case Fault::empty_segment:
      return "The path has an empty segment ('//'), which some servers leave out.";
    case Fault::semicolon:
      return "The path holds a ';', behind which some servers cut a segment off.";
    case Fault::double_encoding:
      return "The path is percent-encoded twice.";
  }
  return "";
}

}  // namespace msctl::gateway::path
