#include "runtime/http/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "gateway/http1/chunked.h"
#include "gateway/http1/head.h"
#include "runtime/base/text.h"
#include "runtime/http/connection.h"

namespace msctl::http {
namespace {

namespace http1 = gateway::http1;

constexpr std::size_t body_limit = std::size_t{4} << 20;
constexpr std::size_t piece = std::size_t{64} << 10;

using Heard = std::expected<Response, Failure>;

std::unexpected<Failure> fail(Failure::Kind kind, std::string message) {
  return std::unexpected(Failure{kind, std::move(message)});
}

std::string head_of(const Request& request, const std::string& agent) {
  std::string out = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {}\r\n", request.method,
                                request.url.target, request.url.authority(), agent);
  for (const auto& [name, value] : request.headers) out += fmt::format("{}: {}\r\n", name, value);
  if (request.body) out += fmt::format("Content-Length: {}\r\n", request.body->size);
  return out + "\r\n";
}

// One request and its response on one connection.
class Exchange {
public:
  Exchange(Connection& connection, const Request& request) : connection_(connection), request_(request) {}

  Heard run(const std::string& agent) {
    auto sent = connection_.write(head_of(request_, agent));
    if (sent && request_.body) sent = send_body();
    // A server that does not want the body answers, and closes: the answer is what matters.
    if (!sent && sent.error().kind != Failure::Kind::broken) return std::unexpected(sent.error());
    http1::ResponseHead head;
    if (auto read = read_head(head); !read) return std::unexpected(sent ? read.error() : sent.error());
    Response out;
    out.status = head.status;
    for (const http1::Field& field : head.fields) out.headers.emplace_back(field.name, field.value);
    const http1::Body body = head.body;
    reusable = sent && head.keep_alive;
    buffer_.erase(0, consumed_);
    if (auto read = read_body(body, out); !read) return std::unexpected(read.error());
    if (!buffer_.empty()) reusable = false;
    return out;
  }

  bool heard = false;     // something of an answer has come
  bool reusable = false;  // the connection, after it

private:
  std::expected<void, Failure> send_body() {
    std::string bytes(piece, '\0');
    for (std::uint64_t at = 0; at < request_.body->size;) {
      const std::size_t wanted =
          static_cast<std::size_t>(std::min<std::uint64_t>(piece, request_.body->size - at));
      const std::size_t n = request_.body->read(at, bytes.data(), wanted);
      if (n == 0) return fail(Failure::Kind::refused, "what was to be sent cannot be read");
      if (auto sent = connection_.write(std::string_view(bytes).substr(0, n)); !sent) return sent;
      at += n;
    }
    return {};
  }

  std::expected<std::size_t, Failure> more() {
    const std::size_t size = buffer_.size();
    buffer_.resize(size + piece);
    auto n = connection_.read(buffer_.data() + size, piece);
    buffer_.resize(size + n.value_or(0));
    if (n && *n > 0) heard = true;
    return n;
  }

  std::expected<void, Failure> read_head(http1::ResponseHead& head) {
    http1::Progress progress;
    for (;;) {
      const http1::Outcome outcome =
          http1::parse_response(buffer_, {}, {.head = request_.method == "HEAD"}, progress, head);
      if (outcome.state == http1::Outcome::State::fault)
        return fail(Failure::Kind::malformed, std::string(http1::info(outcome.fault).detail));
      if (outcome.state == http1::Outcome::State::done) {
        consumed_ = outcome.consumed;
        if (!head.interim) return {};
        buffer_.erase(0, outcome.consumed);
        progress = {};
        continue;
      }
      auto n = more();
      if (!n) return std::unexpected(n.error());
      if (*n == 0) return fail(Failure::Kind::broken, "it hung up without an answer");
    }
  }

  // False: whoever takes it wants no more.
  bool take(Response& out, std::string_view bytes) {
    if (request_.sink && out.status / 100 == 2) return request_.sink(bytes);
    const std::size_t room = body_limit - out.body.size();
    out.cut = out.cut || bytes.size() > room;
    out.body += bytes.substr(0, room);
    return !out.cut;
  }

  std::expected<void, Failure> read_body(http1::Body body, Response& out) {
    if (body.framing == http1::Framing::none) return {};
    if (body.framing == http1::Framing::chunked) return read_chunks(out);
    const bool counted = body.framing == http1::Framing::length;
    std::uint64_t left = body.length;
    while (!counted || left > 0) {
      if (buffer_.empty()) {
        auto n = more();
        if (!n) return std::unexpected(n.error());
        if (*n == 0 && !counted) return {};
        if (*n == 0) return fail(Failure::Kind::broken, "the answer was cut off");
      }
      const std::size_t n =
          counted ? static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer_.size())) : buffer_.size();
      left -= counted ? n : 0;
      if (!take(out, std::string_view(buffer_).substr(0, n))) return stop(out);
      buffer_.erase(0, n);
    }
    return {};
  }

  std::expected<void, Failure> read_chunks(Response& out) {
    http1::ChunkedDecoder decoder;
    for (;;) {
      if (!buffer_.empty()) {
        const http1::ChunkedDecoder::Piece part = decoder.next(buffer_);
        if (part.state == http1::Outcome::State::fault)
          return fail(Failure::Kind::malformed, std::string(http1::info(part.fault).detail));
        const bool wanted = part.bytes.empty() || take(out, part.bytes);
        buffer_.erase(0, part.consumed);
        if (!wanted) return stop(out);
        if (part.state == http1::Outcome::State::done) return {};
        if (part.consumed > 0) continue;
      }
      auto n = more();
      if (!n) return std::unexpected(n.error());
      if (*n == 0) return fail(Failure::Kind::broken, "the answer was cut off");
    }
  }

  std::expected<void, Failure> stop(Response& out) {
    reusable = false;
    if (out.cut) return {};
    return fail(Failure::Kind::refused, "the content was not taken");
  }

  Connection& connection_;
  const Request& request_;
  std::string buffer_;
  std::size_t consumed_ = 0;
};

}  // namespace

std::string_view Response::header(std::string_view name) const {
  for (const auto& [each, value] : headers)
    if (http1::same_name(each, name)) return value;
  return {};
}

BodySource body_of(std::string text) {
  const std::uint64_t size = text.size();
  return {size, [text = std::move(text)](std::uint64_t offset, char* buffer, std::size_t wanted) {
            return text.copy(buffer, wanted, static_cast<std::size_t>(offset));
          }};
}

struct Client::Pool {
  std::mutex mutex;
  std::map<std::string, std::vector<Connection>> idle;  // by scheme and authority
  std::map<std::string, ssl_ctx_st*> contexts;          // by authority

  ~Pool() {
    idle.clear();
    for (const auto& [authority, context] : contexts) free_tls_context(context);
  }
};

Client::Client(ClientOptions options) : options_(std::move(options)), pool_(std::make_unique<Pool>()) {}

Client::~Client() = default;

std::expected<Response, Failure> Client::send(const Request& request) {
  const std::string key = request.url.scheme + "://" + request.url.authority();
  for (bool fresh = false;; fresh = true) {
    std::optional<Connection> connection;
    ssl_ctx_st* tls = nullptr;
    {
      const std::lock_guard lock(pool_->mutex);
      auto& idle = pool_->idle[key];
      while (!fresh && !connection && !idle.empty()) {
        if (idle.back().is_idle()) connection.emplace(std::move(idle.back()));
        idle.pop_back();
      }
      if (request.url.scheme == "https") {
        ssl_ctx_st*& context = pool_->contexts[request.url.authority()];
        if (context == nullptr) {
          auto made = make_tls_context(options_.tls, options_.authorities
                                                         ? options_.authorities(request.url.authority())
                                                         : std::vector<std::string>{});
          if (!made) return std::unexpected(made.error());
          context = *made;
        }
        tls = context;
      }
    }
    const bool kept = connection.has_value();
    if (!kept) {
      auto opened = Connection::open(request, options_, tls);
      if (!opened) return std::unexpected(opened.error());
      connection.emplace(std::move(*opened));
    }
    connection->serve(request);
    Exchange exchange(*connection, request);
    auto response = exchange.run(options_.agent);
    // A server may close a kept connection at the moment at which it is used again.
    if (!response && kept && !request.once && !exchange.heard &&
        response.error().kind == Failure::Kind::broken)
      continue;
    if (response && exchange.reusable) {
      const std::lock_guard lock(pool_->mutex);
      pool_->idle[key].push_back(std::move(*connection));
    }
    return response;
  }
}

}  // namespace msctl::http
