// One request, one response: where speed is not the point. Behind an interface, so that tests answer
// themselves. Bodies are streamed both ways.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/http/url.h"

namespace msctl::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

// Bytes from `offset` on, at most `size` of them, to `buffer`; how many, 0 for a fault. A request that is
// sent again begins anew.
struct BodySource {
  std::uint64_t size = 0;
  std::function<std::size_t(std::uint64_t offset, char* buffer, std::size_t size)> read;
};

BodySource body_of(std::string text);

struct Request {
  std::string method = "GET";
  Url url;
  Headers headers;  // Host and Content-Length are added
  std::optional<BodySource> body;
  // Takes the content of a 2xx; false: no more of it. Without, and for other statuses, it stands in `body`.
  std::function<bool(std::string_view)> sink;
  // A kept connection that breaks as it is used again is a failure too: the server may have done what was
  // asked. Otherwise the request is sent again.
  bool once = false;
  base::Duration idle_timeout{};      // zero: the client's
  std::function<bool()> interrupted;  // beside the client's; may be empty
};

struct Response {
  int status = 0;
  Headers headers;
  std::string body;  // at most 4 MiB
  bool cut = false;  // there was more

  // The first of this name, in any case; empty: none.
  std::string_view header(std::string_view name) const;
};

struct Failure {
  enum class Kind : std::uint8_t {
    resolve,
    connect,
    tls,
    plain_text,
    broken,
    timeout,
    malformed,
    refused,
    interrupted
  };
  // What is wrong with the server's certificate, of kind tls.
  enum class Certificate : std::uint8_t { good, expired, untrusted, wrong_name };
  Kind kind;
  std::string message;
  Certificate certificate = Certificate::good;
};

class Transport {
public:
  virtual ~Transport() = default;
  virtual std::expected<Response, Failure> send(const Request& request) = 0;
};

}  // namespace msctl::http
