// The running service, asked through the gateway at GATEWAY_URL.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "http/message.h"

namespace app::integration {

inline const std::string items_path = "/catalogue/items";

// A body is JSON unless a header says otherwise. Throws if there is no answer. Thread-safe.
http::Response call(const std::string& method, const std::string& path, const std::string& body = {},
                    http::Headers headers = {});

// The body of an answer that must have this status.
nlohmann::json json_of(const http::Response& answer, int status);

// The body of an answer that must be a problem of this status.
nlohmann::json problem_of(const http::Response& answer, int status);

// Where an item is.
std::string path_of(const nlohmann::json& item);

// All items, page by page.
std::vector<nlohmann::json> listed(int limit);

// Deletes items at the end of the test, however it ends.
class Cleanup {
 public:
  Cleanup() = default;
  Cleanup(const Cleanup&) = delete;
  Cleanup& operator=(const Cleanup&) = delete;
  ~Cleanup();

  void add(const nlohmann::json& item) { paths_.push_back(path_of(item)); }

 private:
  std::vector<std::string> paths_;
};

}  // namespace app::integration
