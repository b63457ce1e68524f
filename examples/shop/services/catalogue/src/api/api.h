// The service's HTTP interface; openapi.yaml describes it to others.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "http/message.h"
#include "item.h"
#include "log.h"
#include "metrics.h"
#include "trace.h"

namespace app {

class Api {
 public:
  // `draining`: the process is about to end, and new requests should go to another replica.
  Api(Store& store, Log& log, Metrics& metrics, std::function<bool()> draining);

  http::Response handle(const http::Request& request);

  // Method and pattern of each route.
  std::vector<std::pair<std::string, std::string>> routes() const;

 private:
  // What a handler gets.
  struct Call {
    const http::Request& request;
    std::string id;  // of the item in the path, or empty
    Trace trace;
  };
  using Handler = http::Response (Api::*)(const Call&);
  struct Route {
    std::string method;
    std::string pattern;
    Handler handler;
    bool log_always = true;  // probes ask every few seconds: only their failures are worth a line
  };
  // The route of a request. No handler: there is none, and `allow` names what its path takes, if it is one.
  struct Match {
    const Route* route = nullptr;
    std::string pattern = "unmatched";
    std::string allow;
    std::string id;
  };

  static const std::vector<Route>& table();
  static Match match(const http::Request& request);
  http::Response answer(const Match& match, const Call& call);
  http::Response guarded(const Match& match, const Call& call);
  void observe(const Match& match, const Call& call, int status, double seconds);

  http::Response list_items(const Call& call);
  http::Response create_item(const Call& call);
  http::Response get_item(const Call& call);
  http::Response replace_item(const Call& call);
  http::Response delete_item(const Call& call);
  http::Response live(const Call& call);
  http::Response ready(const Call& call);
  http::Response metrics_text(const Call& call);
  http::Response document(const Call& call);

  Store& store_;
  Log& log_;
  Metrics& metrics_;
  std::function<bool()> draining_;
};

}  // namespace app
