// Results shared over HTTP: GET and PUT of URL/KEY, as caches of other build tools serve them. Whatever goes
// wrong there costs the run nothing but the results: after the first trouble it is left alone.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/http/transport.h"

namespace msctl::cache {

// May be used by several threads.
class Remote {
public:
  // `token`: sent as "Authorization: Bearer"; empty: none.
  Remote(http::Transport& transport, http::Url url, std::string token);

  // The bytes of an entry, which are not trusted, or nothing.
  std::optional<std::string> get(const std::string& key);
  void put(const std::string& key, std::string_view bytes);

  // The same of what is too large for the memory. `sink` takes the bytes, which are not trusted; false: it
  // wants no more, which is trouble, too. Whether it has got them all.
  bool fetch(const std::string& key, const std::function<bool(std::string_view)>& sink);
  // Whether it was taken.
  bool put(const std::string& key, http::BodySource bytes);
  // Whether something stands there. A server that does not answer HEAD has nothing.
  bool has(const std::string& key);

  // What went wrong, in words; empty: nothing. A server that lets this run read and not write is no trouble.
  std::string trouble() const;

private:
  http::Request request(std::string method, const std::string& key) const;
  void give_up(std::string why);

  http::Transport& transport_;
  http::Url url_;
  std::string token_;
  std::atomic<bool> off_ = false, reads_only_ = false;
  mutable std::mutex mutex_;
  std::string trouble_;
};

}  // namespace msctl::cache
