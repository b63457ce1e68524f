// The grammar of Forwarded (RFC 7239 section 4), strictly: what a list means must not depend on who reads it.
// A quote that a client left open would otherwise swallow what the proxy behind it wrote.
#pragma once

#include <functional>
#include <string_view>

namespace msctl::gateway::filters {

// Calls `node` with the value of "for" of each element in order (without quotes; empty where an element has
// none). False, at the first thing that the grammar does not have: an unbalanced quote, a value that is no
// token, a parameter twice in an element. What was told before then is not to be believed either.
bool for_each_forwarded(std::string_view list, const std::function<void(std::string_view node)>& node);

}  // namespace msctl::gateway::filters
