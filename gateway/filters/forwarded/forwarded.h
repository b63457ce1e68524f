// Tells the upstream on whose behalf it is asked: X-Forwarded-For, -Proto and -Host, Forwarded (RFC 7239),
// X-Request-Id and traceparent. What clients say of these is dropped, unless the peer is a trusted proxy:
// then it is kept and added to.
#pragma once

#include "gateway/filters/filter.h"

namespace msctl::gateway::filters {

class Forwarded final : public Filter {
public:
  void request(Exchange& exchange) const override;
  void response(Exchange& exchange) const override;  // X-Request-Id, so that a client can name its request
};

}  // namespace msctl::gateway::filters
