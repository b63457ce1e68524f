// Problem documents (RFC 9457): {"type","title","status","detail","code","requestId"}.
#pragma once

#include <string_view>

#include "gateway/filters/arena.h"
#include "runtime/base/codes.h"

namespace msctl::gateway::filters {

inline constexpr std::string_view problem_type = "application/problem+json";

// The body, in the arena. `type` is "about:blank"'s better sister: a URN of the code, "urn:msctl:MSC3006";
// `title` is the code's.
std::string_view write_problem(Arena& arena, int status, base::Code code, std::string_view detail,
                               std::string_view request_id);

// "Too Many Requests"; "" for a status without a registered name.
std::string_view reason_phrase(int status);

}  // namespace msctl::gateway::filters
