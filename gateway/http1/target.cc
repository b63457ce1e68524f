#include "gateway/http1/target.h"

#include "gateway/http1/authority.h"
#include "gateway/http1/scan.h"
#include "gateway/path/normalise.h"

namespace msctl::gateway::http1 {
namespace {

// Visible ASCII, and no fragment. Which of these a path may hold is for path::normalise to say.
bool is_visible(std::string_view text) {
  for (char c : text)
    if (c <= 0x20 || c >= 0x7F || c == '#') return false;
  return true;
}

// "http://" or "https://", any case: its length, or 0.
std::size_t scheme_length(std::string_view target) {
  for (std::string_view scheme : {std::string_view("http://"), std::string_view("https://")})
    if (target.size() >= scheme.size() && same_name(target.substr(0, scheme.size()), scheme))
      return scheme.size();
  return 0;
}

Fault parse_absolute(RequestHead& head, std::size_t scheme) {
  std::string_view rest = head.target.substr(scheme);
  std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  Authority authority;
  if (!parse_authority(rest.substr(0, end), authority)) return Fault::bad_host;
  head.authority = rest.substr(0, end);
  head.host = authority.host;
  head.port = authority.port;
  head.path = rest.substr(end);
  return Fault::none;
}

}  // namespace

Fault parse_target(RequestHead& head) {
  if (!is_visible(head.target)) return Fault::bad_target;
  if (head.target == "*") {
    if (head.method_id != Method::options) return Fault::bad_target;
    head.asterisk = true;
    return Fault::none;
  }
  if (head.target.starts_with('/')) {
    head.path = head.target;
  } else {
    std::size_t scheme = scheme_length(head.target);
    if (scheme == 0) return Fault::bad_target;
    if (Fault fault = parse_absolute(head, scheme); fault != Fault::none) return fault;
  }
  if (std::size_t mark = head.path.find('?'); mark != std::string_view::npos) {
    head.has_query = true;
    head.query = head.path.substr(mark + 1);
    head.path = head.path.substr(0, mark);
    if (!path::valid_query(head.query)) return Fault::bad_target;
  }
  if (head.path.empty()) {
    // "OPTIONS http://host" asks for the server as a whole (RFC 9112 section 3.2.4).
    if (head.method_id == Method::options && !head.has_query)
      head.asterisk = true;
    else
      head.path = "/";
  }
  return Fault::none;
}

Method method_of(std::string_view method) {
  switch (method.size()) {
    case 3:
      return method == "GET" ? Method::get : method == "PUT" ? Method::put : Method::other;
    case 4:
      return method == "POST" ? Method::post : method == "HEAD" ? Method::head : Method::other;
    case 5:
      return method == "PATCH" ? Method::patch : method == "TRACE" ? Method::trace : Method::other;
    case 6:
      return method == "DELETE" ? Method::delete_ : Method::other;
    case 7:
      return method == "OPTIONS" ? Method::options : Method::other;
    default:
      return Method::other;
  }
}

}  // namespace msctl::gateway::http1
