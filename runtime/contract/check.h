// Recorded exchanges held against a service's OpenAPI document: what the document does not describe, or
// describes otherwise. Requests that the service refused (4xx) may be as wrong as their test wants them.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "runtime/contract/document.h"
#include "runtime/replay/exchange.h"

namespace msctl::contract {

struct Finding {
  std::string method;
  std::string path;  // the document's template, or as it was asked where none fits
  int status = 0;
  std::string part;     // "request" or "response"
  std::string pointer;  // into the body, or "" where it is not about the body's content
  std::string message;
  std::string example;  // a target that shows it
  std::size_t seen = 1;
};

struct Report {
  std::vector<Finding> findings;    // each once, in the order in which they were seen
  std::vector<std::string> unseen;  // operations that nobody asked for: "DELETE /items/{id}"
};

Report check(const Document& document, const std::vector<replay::Exchange>& exchanges);

// "GET /items/{id} 200 response /items/0/colour: is not described"
std::string describe(const Finding& finding);
nlohmann::ordered_json to_json(const Finding& finding);

}  // namespace msctl::contract
