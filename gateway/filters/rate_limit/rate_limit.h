// Limits how often a route is asked, by consumer, client address, a field, or all together. The answer tells
// where a client stands (draft-ietf-httpapi-ratelimit-headers-10): RateLimit-Policy: "orders";q=100;w=60 and
// RateLimit: "orders";r=99;t=1, where t is the seconds until the whole quota is there again. An IPv6 client
// counts by its /64, which one client usually has whole.
#pragma once

#include <string>

#include "gateway/config/types.h"
#include "gateway/filters/filter.h"
#include "gateway/filters/rate_limit/rate_table.h"

namespace msctl::gateway::filters {

class LimitRate final : public Filter {
public:
  LimitRate(std::string route, const config::RateLimit& limit, RateTable& table);
  bool admit(Exchange& exchange) const override;

private:
  std::uint64_t key_of(const Exchange& exchange) const;

  std::string route_, kind_, header_;
  std::string quoted_, policy_;  // "orders" as a structured string; the value of RateLimit-Policy
  config::RateLimit::By by_;
  Rate rate_;
  RateTable& table_;
};

}  // namespace msctl::gateway::filters
