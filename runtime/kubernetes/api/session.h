// Requests to one API server: as whom, how often, and what is done when it is busy or does not answer. What
// is asked for is not known here.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/kubernetes/api/client.h"

namespace msctl::kubernetes::api {

struct Ask {
  // When it may be sent again.
  enum class Again : std::uint8_t {
    safe,    // whatever became of the first one
    unsent,  // only when the server has surely done nothing: no connection, or told that it is too busy
    never    // only when there was no connection: "too busy" means something else
  };
  std::string method = "GET";
  std::string target;  // path and query, below the server's own path
  About about;
  std::string body = {};
  std::string content_type = "application/json";
  std::string accept = "application/json";
  Again again = Again::safe;
  // Takes the content of a 2xx as it comes, and says whether it wants more. It is asked again only as long as
  // nothing has come.
  std::function<bool(std::string_view)> stream = {};
};

class Session {
public:
  Session(http::Url server, kubeconfig::Access access, std::string authorities,
          std::unique_ptr<kubeconfig::Credentials> credentials, const base::Clock& clock, Options options);

  // The body of a 2xx; empty for a stream.
  Answer<std::string> send(const Ask& ask, const Limits& limits);

  // A pause before the attempt after this one (from 0), at least as long as the server asks for; false: there
  // is no patience left for it, or somebody interrupts. `spent` grows.
  bool pause(int attempt, std::optional<base::Duration> wanted, base::Duration& spent, const Limits& limits);

  const std::string& space() const { return access_.space; }
  const Limits& limits() const { return options_.limits; }
  std::string whoami(const Limits& limits);
  Counts counts() const;

private:
  struct Attempt {
    bool heard = false;    // something of a stream
    bool stopped = false;  // by whoever takes it
    std::string body;
  };
  base::Result<std::shared_ptr<http::Transport>> transport(const kubeconfig::Credential& credential);
  http::Request request_for(const Ask& ask, const kubeconfig::Credential& credential, const Limits& limits,
                            Attempt& attempt) const;
  void tell_warnings(const http::Response& response);
  Failure unreachable(const http::Failure& failure) const;

  http::Url server_;
  kubeconfig::Access access_;
  std::string authorities_;
  std::unique_ptr<kubeconfig::Credentials> credentials_;
  const base::Clock& clock_;
  Options options_;
  std::mutex mutex_;
  std::shared_ptr<http::Transport> transport_;
  std::string certificate_;  // with which it was made
  std::string whoami_;
  std::atomic<std::uint64_t> requests_ = 0, repeated_ = 0, watches_ = 0;
};

bool interrupted(const Limits& limits);
Failure interruption();

}  // namespace msctl::kubernetes::api
