#include "problem.h"

#include <nlohmann/json.hpp>

namespace app {
namespace {

std::string title(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 503:
      return "Service Unavailable";
    default:
      return status < 500 ? "Bad Request" : "Internal Server Error";
  }
}

}  // namespace

http::Response problem(int status, const std::string& detail, const std::vector<WrongValue>& errors) {
  nlohmann::ordered_json body{
      {"type", "about:blank"}, {"title", title(status)}, {"status", status}, {"detail", detail}};
  for (const WrongValue& wrong : errors) {
    const char* key = wrong.where == WrongValue::Where::body ? "pointer" : "parameter";
    body["errors"].push_back({{key, wrong.name}, {"detail", wrong.detail}});
  }
  http::Response out;
  out.status = status;
  out.headers = {{"Content-Type", "application/problem+json"}, {"Cache-Control", "no-store"}};
  out.body = body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  return out;
}

}  // namespace app
