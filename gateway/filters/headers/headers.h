// A route's edits of fields: remove, rename, set, add, in this order. Values are cut into literals and
// variables once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gateway/config/types.h"
#include "gateway/filters/filter.h"

namespace msctl::gateway::filters {

// "{client.address}" and the like in a value.
class Template {
public:
  // `parameters`: names of the pattern's parameters, in its order. An unknown variable stands for itself.
  Template(std::string_view text, const std::vector<std::string>& parameters);
  std::string_view expand(const Exchange& exchange) const;

private:
  enum class Kind : std::uint8_t {
    literal,
    client_address,
    consumer_name,
    request_id,
    upstream_replica,
    parameter
  };
  struct Part {
    Kind kind;
    std::string text;
    std::size_t parameter = 0;
  };
  static Part variable(std::string_view name, const std::vector<std::string>& parameters);
  static std::string_view value(const Part& part, const Exchange& exchange);

  std::vector<Part> parts_;
};

class EditHeaders final : public Filter {
public:
  EditHeaders(const config::HeaderEdits& request, const config::HeaderEdits& response,
              const std::vector<std::string>& parameters);
  void request(Exchange& exchange) const override;
  void response(Exchange& exchange) const override;

private:
  struct Named {
    std::string name;
    Template value;
  };
  struct Compiled {
    std::vector<std::string> remove;
    std::vector<std::pair<std::string, std::string>> rename;
    std::vector<Named> set, add;
  };
  static Compiled compile(const config::HeaderEdits& edits, const std::vector<std::string>& parameters);
  static void apply(const Compiled& compiled, const Exchange& exchange, const http1::Fields* fields,
                    Edits& edits);

  Compiled request_, response_;
};

}  // namespace msctl::gateway::filters
