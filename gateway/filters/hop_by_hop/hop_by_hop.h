// Takes off what concerns one connection only (RFC 9110 section 7.6.1), what the gateway writes itself, and
// identity fields that a client made up.
//
// A field named by Connection is taken off too, but only among those that came: what the gateway adds is
// added afterwards, so that "Connection: X-Consumer-Name" cannot remove the identity that the gateway vouches
// for.
#pragma once

#include "gateway/filters/filter.h"

namespace msctl::gateway::filters {

class HopByHop final : public Filter {
public:
  void request(Exchange& exchange) const override;
  void response(Exchange& exchange) const override;
};

}  // namespace msctl::gateway::filters
