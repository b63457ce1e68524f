// Calls to another service: a time-out for each try and for the whole, retries, and the trace passed on.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stdexcept>
#include <string>

#include "clients/retry.h"
#include "http/client.h"
#include "trace.h"

namespace app::clients {

// The need gave no usable answer. `status`: what it answered, or 0.
struct CallFailed : std::runtime_error {
  CallFailed(const std::string& message, int with) : std::runtime_error(message), status(with) {}
  int status;
};

class Client {
 public:
  using Environment = std::function<std::optional<std::string>(const std::string&)>;
  using Sleep = std::function<void(std::chrono::milliseconds)>;

  // The base URL stands in the environment variable; throws std::invalid_argument.
  Client(std::string need, const std::string& variable, const Environment& environment, Limits limits = {},
         Sleep sleep = {});

  // The body of a 2xx answer; throws CallFailed. `trace`: of the request that is being answered.
  nlohmann::json get(const std::string& path, const Trace& trace);
  nlohmann::json send(const std::string& method, const std::string& path, const nlohmann::json& body,
                      const Trace& trace);

 private:
  http::Response call(const std::string& method, const std::string& path, const std::string& body,
                      const Trace& trace);

  std::string need_;
  Limits limits_;
  Sleep sleep_;
  http::Client http_;
};

// A path segment, percent-encoded.
std::string escape(const std::string& segment);

}  // namespace app::clients
