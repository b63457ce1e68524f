// A fixed answer instead of an upstream.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "gateway/config/types.h"
#include "gateway/filters/filter.h"
#include "gateway/filters/headers/headers.h"

namespace msctl::gateway::filters {

class Respond final : public Filter {
public:
  // `parameters`: names of the route's path parameters, in its order.
  Respond(const config::Respond& respond, const std::vector<std::string>& parameters);
  bool admit(Exchange& exchange) const override;
  void response(Exchange& exchange) const override;

private:
  config::Respond respond_;
  std::vector<std::pair<std::string, Template>> headers_;
};

}  // namespace msctl::gateway::filters
