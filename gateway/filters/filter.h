// One step that a route's requests go through. Filters are made when a configuration is compiled, are
// immutable after that, and are called by all reactors at once; what they count lives outside (Shared). They
// neither allocate nor throw nor wait.
#pragma once

#include "gateway/filters/exchange.h"

namespace msctl::gateway::filters {

class Filter {
public:
  virtual ~Filter() = default;

  // Before an upstream is chosen. False: exchange.answer is the answer, nothing further is asked.
  virtual bool admit(Exchange&) const { return true; }

  // Writes the outgoing request's edits; the replica is known. Called again after edits were cleared when
  // another replica is tried.
  virtual void request(Exchange&) const {}

  // Writes the edits of the response, when its head is there; for own answers without one.
  virtual void response(Exchange&) const {}
};

}  // namespace msctl::gateway::filters
