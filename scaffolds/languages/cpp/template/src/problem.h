// Errors as application/problem+json (RFC 9457).
#pragma once

#include <string>
#include <vector>

#include "http/message.h"

namespace app {

// One wrong value: in the body (a JSON Pointer, RFC 6901) or in the query (a parameter's name).
struct WrongValue {
  enum class Where { body,
                     query };
  Where where = Where::body;
  std::string name;  // "/quantity" in the body, "limit" in the query
  std::string detail;
};

// Its type is about:blank: the status says what went wrong, `detail` and `errors` say what to change.
http::Response problem(int status, const std::string& detail, const std::vector<WrongValue>& errors = {});

}  // namespace app
