// Lets a request through that one of the route's providers knows (or all of them), and tells the upstream who
// it is.
//
// The credential itself is not passed on: a service that got it could pose as the consumer elsewhere.
#pragma once

#include <memory>
#include <vector>

#include "gateway/filters/authentication/api_keys.h"
#include "gateway/filters/filter.h"

namespace msctl::gateway::filters {

class Authenticate final : public Filter {
public:
  // At least one provider. With `all`, each must know the request, and the first one's consumer counts.
  Authenticate(std::vector<std::shared_ptr<const ApiKeys>> providers, bool all)
      : providers_(std::move(providers)), all_(all) {}

  bool admit(Exchange& exchange) const override;
  void request(Exchange& exchange) const override;

private:
  bool refuse(Exchange& exchange, bool presented) const;

  std::vector<std::shared_ptr<const ApiKeys>> providers_;
  bool all_;
};

}  // namespace msctl::gateway::filters
