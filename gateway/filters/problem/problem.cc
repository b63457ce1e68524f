#include "gateway/filters/problem/problem.h"

#include <charconv>

namespace msctl::gateway::filters {
namespace {

// Appends to room that is known to be large enough.
class Writer {
public:
  explicit Writer(std::span<char> room) : room_(room) {}
  void raw(std::string_view text) {
    std::memcpy(room_.data() + size_, text.data(), text.size());
    size_ += text.size();
  }
  void number(int value) {
    size_ = static_cast<std::size_t>(
        std::to_chars(room_.data() + size_, room_.data() + room_.size(), value).ptr - room_.data());
  }
  // RFC 8259 section 7. What is not ASCII is escaped as if it were Latin-1: it is data of unknown coding, and
  // the document must be UTF-8 whatever it is.
  void escaped(std::string_view text) {
    static constexpr char hex[] = "0123456789abcdef";
    for (char c : text) {
      auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') {
        raw("\\"), raw({&c, 1});
      } else if (byte < 0x20 || byte >= 0x7F) {
        raw("\\u00");
        char digits[2] = {hex[byte >> 4], hex[byte & 15]};
        raw({digits, 2});
      } else {
        raw({&c, 1});
      }
    }
  }
  std::size_t size() const { return size_; }

private:
  std::span<char> room_;
  std::size_t size_ = 0;
};

// "MSC3006".
std::string_view code_text(base::Code code, char (&room)[8]) {
  auto number = static_cast<unsigned>(code);
  std::memcpy(room, "MSC", 3);
  for (int i = 6; i >= 3; --i, number /= 10) room[i] = static_cast<char>('0' + number % 10);
  return {room, 7};
}

}  // namespace

std::string_view write_problem(Arena& arena, int status, base::Code code, std::string_view detail,
                               std::string_view request_id) {
  std::string_view title = base::info(code).title;
  std::span<char> room = arena.take(160 + 6 * (title.size() + detail.size() + request_id.size()));
  char number[8];
  std::string_view name = code_text(code, number);
  Writer out(room);
  out.raw("{\"type\":\"urn:msctl:"), out.raw(name);
  out.raw("\",\"title\":\""), out.escaped(title);
  out.raw("\",\"status\":"), out.number(status);
  out.raw(",\"detail\":\""), out.escaped(detail);
  out.raw("\",\"code\":\""), out.raw(name);
  out.raw("\",\"requestId\":\""), out.escaped(request_id);
  out.raw("\"}\n");
  arena.keep(room, out.size());
  return {room.data(), out.size()};
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 205:
      return "Reset Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 418:
      return "I'm a teapot";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 426:
      return "Upgrade Required";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 451:
      return "Unavailable For Legal Reasons";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "";
  }
}

}  // namespace msctl::gateway::filters
