// What the evidence says: which failure it is, how one knows, and what to type next.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/error.h"

namespace msctl::explain {

struct Finding {
  base::Code code{};
  std::string service;
  std::string sentence;               // "the image shop/orders:2 is not in its registry (3 of 3 replicas)"
  std::vector<std::string> evidence;  // lines that show it: last words, events, answers
  std::string cure;                   // one sentence, with the command to type
  bool certain = false;               // no waiting will mend it
  int replicas = 0;                   // that show it; 0: it is about the service as a whole
};

// "orders: the image …", with the evidence as notes and the cure as help.
base::Error to_error(const Finding& finding);

}  // namespace msctl::explain
