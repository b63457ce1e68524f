// The values of a template's variables: from --set, from defaults, or asked for.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scaffolds/templates/description.h"

namespace msctl::scaffolds::templates {

// By the variable's name.
using Values = std::map<std::string, std::string, std::less<>>;

// Whether `value` is one of the variable's. Errors: templateVariable, with what was expected.
base::Result<void> check_value(const Variable& variable, std::string_view value);

// "a whole number from 1 to 65535": what is expected of a value.
std::string expectation(const Variable& variable);

// What was given as NAME=VALUE, and the defaults of the others. A variable without either is not in it.
// Errors: usage (no '='), unknownName, templateVariable.
std::expected<Values, base::Errors> given_values(const Description& description,
                                                 const std::vector<std::string>& settings);

// The variables that `values` lacks.
std::vector<const Variable*> missing(const Description& description, const Values& values);

// One error that names all of them.
base::Error missing_values(const std::vector<const Variable*>& variables);

}  // namespace msctl::scaffolds::templates
