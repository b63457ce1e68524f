// What clients send, checked: every wrong value is named, not only the first.
#pragma once

#include <cstddef>
#include <string>
#include <variant>

#include "http/message.h"
#include "item.h"

namespace app {

// The body of POST and PUT, or the problem to answer with.
std::variant<Draft, http::Response> read_draft(const http::Request& request);

struct PageQuery {
  std::string cursor;  // the id of the last item of the page before, or empty
  std::size_t limit = 50;
};

// ?limit= and ?cursor=, or the problem to answer with.
std::variant<PageQuery, http::Response> read_page_query(const http::Request& request);

// The part of the public path that a gateway took off (X-Forwarded-Prefix). What is not a plain path is
// ignored: it would let a caller send others to an address of its choice.
std::string public_prefix(const http::Request& request);

}  // namespace app
