// Where the answers of one service parted between two runs of the same tests: with one replica, and with
// several that are replaced in between. The order in which tests run may differ, and ids do; so requests are
// taken together by method and by the form of their path, and their statuses are counted.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "runtime/replay/exchange.h"

namespace msctl::contract {

struct Parted {
  std::string method, form;     // "GET", "/items/{}"
  int status = 0;               // what came with several replicas
  std::vector<int> with_one;    // what came with one
  std::string target, replica;  // the first such request, and who answered it
  std::string at;               // when
  // Who had answered with what this request asks for, where an earlier answer named it: "POST /items",
  // "items-1". Empty: nobody.
  std::string made_by, made_on;
};

// Answers of `several` with a status that `one` has less often. `service`: only requests to it.
std::vector<Parted> part(const std::vector<replay::Exchange>& one,
                         const std::vector<replay::Exchange>& several, const std::string& service);

// "GET /items/7f… → 404 by items-2; with one replica 200 (made by POST /items on items-1)"
std::string describe(const Parted& parted);
nlohmann::ordered_json to_json(const Parted& parted);

}  // namespace msctl::contract
