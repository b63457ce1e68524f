// Where the values of a service's `secrets` come from when an environment is deployed to. What is read here
// is kept in memory, handed to the cluster, and stands in no log, record or file.
#pragma once

#include <expected>
#include <map>
#include <string>
#include <vector>

#include "runtime/base/error.h"

namespace msctl::secrets {

struct Wanted {
  std::string service;
  std::vector<std::string> names;  // "PAYMENT_KEY"
};

// By service, by name.
using Values = std::map<std::string, std::map<std::string, std::string>>;

class Source {
public:
  virtual ~Source() = default;
  // All that is wanted. Errors: secretMissing for each that is not there, and those of the source. No error
  // has a value in it.
  virtual std::expected<Values, base::Errors> read(const std::vector<Wanted>& wanted) = 0;
};

// secretMissing, told by whoever looks: `where` it was looked for, `cure` what to type.
base::Error missing(const std::string& service, const std::string& name, const std::string& where,
                    const std::string& cure);

}  // namespace msctl::secrets
