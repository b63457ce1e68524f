// A fixed answer instead of an upstream.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "gateway/config/types.h"
#include "gateway/filters/filter.h"

namespace msctl::gateway::filters {

class Respond final : public Filter {
public:
  explicit Respond(const config::Respond& respond) : respond_(respond) {}
  bool admit(Exchange& exchange) const override;
  void response(Exchange& exchange) const override;

private:
  config::Respond respond_;
};

}  // namespace msctl::gateway::filters
