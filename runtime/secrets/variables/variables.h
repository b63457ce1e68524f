// Values from the environment variables of whoever deploys: what CI systems hand to a job.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "runtime/secrets/source.h"

namespace msctl::secrets {

// The name of a variable: "{SERVICE}_{NAME}" of orders' PAYMENT_KEY is ORDERS_PAYMENT_KEY.
std::string variable_name(const std::string& pattern, const std::string& service, const std::string& name);

class Variables final : public Source {
public:
  using Lookup = std::function<std::optional<std::string>(const std::string& name)>;
  // An empty variable is none: what a CI system gives a job that may not see it.
  Variables(std::string pattern, Lookup lookup) : pattern_(std::move(pattern)), lookup_(std::move(lookup)) {}

  std::expected<Values, base::Errors> read(const std::vector<Wanted>& wanted) override;

private:
  std::string pattern_;
  Lookup lookup_;
};

}  // namespace msctl::secrets
