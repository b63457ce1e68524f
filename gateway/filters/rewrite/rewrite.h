// The path that the upstream is asked for: without the route's prefix, and with another in front if the route
// says so.
//
// What was taken off is told by X-Forwarded-Prefix, so that a service can make links that work from outside.
// A client's own is dropped, unless it comes from a trusted proxy, which may have taken off a prefix itself:
// then ours is added behind it.
#pragma once

#include <string>

#include "gateway/config/types.h"
#include "gateway/filters/filter.h"

namespace msctl::gateway::filters {

class Rewrite final : public Filter {
public:
  explicit Rewrite(const config::RequestEdits& edits);
  void request(Exchange& exchange) const override;

private:
  std::string strip_, front_;  // without a slash at the end
};

}  // namespace msctl::gateway::filters
