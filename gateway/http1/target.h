// Request targets (RFC 9112 section 3.2): origin form, absolute form, and "*" for OPTIONS.
#pragma once

#include "gateway/http1/head.h"

namespace msctl::gateway::http1 {

// Fills path, query, has_query, asterisk, and of an absolute target authority, host and port; from
// head.target and the method.
Fault parse_target(RequestHead& head);

Method method_of(std::string_view method);

}  // namespace msctl::gateway::http1
