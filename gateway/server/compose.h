// Heads on their way out: slices of the head that came in, where it stays as it was, and new text in the
// arena.
#pragma once

#include <string_view>

#include "gateway/filters/exchange.h"
#include "gateway/http1/head.h"
#include "gateway/server/stream.h"

namespace msctl::gateway::server {

// Text put together in an arena, of at most the size given.
class Text {
public:
  Text(filters::Arena& arena, std::size_t room) : arena_(arena), room_(arena.take(room)) {}
  Text& operator<<(std::string_view part) {
    if (!part.empty()) std::memcpy(room_.data() + size_, part.data(), part.size());
    size_ += part.size();
    return *this;
  }
  Text& operator<<(std::uint64_t number);
  // The text; what is left of the room goes back. Call once.
  std::string_view done() {
    arena_.keep(room_, size_);
    return {room_.data(), size_};
  }

private:
  filters::Arena& arena_;
  std::span<char> room_;
  std::size_t size_ = 0;
};

// The bytes that added fields take, with colons and line breaks.
std::size_t size_of_added(const filters::Edits& edits);
void append_added(Text& text, const filters::Edits& edits);

// The outgoing request. `host` where the request itself names none (HTTP/1.0). `upgrade`: to be asked for, or
// empty.
void compose_request(const filters::Exchange& exchange, std::string_view host, std::string_view upgrade,
                     Slices& slices);

enum class Connecting : std::uint8_t { keep, keep_stated, close, upgrade };

struct ResponseFraming {
  http1::Body body;           // as the client gets it
  bool length_stays = false;  // no body, but Content-Length tells what one would have been (HEAD, 304)
  Connecting connection = Connecting::keep;
  std::string_view date{};  // for an answer that has none (RFC 9110 section 6.6.1); empty: none is added
};

// The upstream's answer on its way to the client; edits and head from exchange.response and
// exchange.response_head.
void compose_response(const filters::Exchange& exchange, const ResponseFraming& framing, Slices& slices);

// 100, 103 and the like: as it came, without fields that concern the connection, or that the final answer has
// from the gateway.
void compose_interim(const http1::ResponseHead& head, filters::Arena& arena, Slices& slices);

}  // namespace msctl::gateway::server
