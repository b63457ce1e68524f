// What the checks of single nodes share.
#pragma once

#include <string>
#include <string_view>

#include "runtime/base/error.h"
#include "runtime/base/yaml/node.h"

namespace msctl::gateway::config {

void report(base::Errors& errors, const base::Location& at, base::Code code, std::string message,
            std::string expected = {}, std::string suggestion = {});

bool is_token(std::string_view text);        // RFC 9110 section 5.6.2
bool is_field_value(std::string_view text);  // RFC 9110 section 5.5: no control characters

// Names of providers, or none. A list without a name would open the route to everybody, which must be said.
void check_authentication(const yaml::Node* authentication, base::Errors& errors);

// A duration above zero, where there is one.
void check_positive(const yaml::Node* node, std::string_view key, base::Errors& errors);

}  // namespace msctl::gateway::config
