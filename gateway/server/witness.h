// Who sees what goes between the gateway and the replicas: for recordings, and for tests of services. Called
// by the reactors, so it must not wait. Without a witness nothing is kept.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace msctl::gateway::server {

// One exchange with a replica as HTTP/1.1 bytes: the request that was sent, and what came back (with interim
// answers, and chunked where it was). A request that was sent twice is here as it was sent last.
struct Capture {
  static constexpr std::size_t limit = 1024 * 1024;  // bytes in each direction

  std::chrono::system_clock::time_point at{};
  std::string method, route, upstream, replica, request_id;
  std::string request, response;
  bool truncated = false;  // one of the two was longer
  bool cut = false;        // the answer did not come whole, or the client went away

  static void add(std::string& to, std::string_view bytes, bool& truncated) {
    if (to.size() + bytes.size() > limit) {
      truncated = true;
      bytes = bytes.substr(0, limit - to.size());
    }
    to.append(bytes);
  }
};

class Witness {
public:
  virtual ~Witness() = default;
  // A replica has answered, and the client does not know yet.
  virtual void answers(std::string_view upstream, std::string_view method, int status) = 0;
  // It is over.
  virtual void ended(Capture capture) = 0;
};

}  // namespace msctl::gateway::server
