#include "runtime/kubernetes/api/lean.h"

#include <string>

namespace msctl::kubernetes::api {

using Json = nlohmann::json;

Json parse(std::string_view text, bool lean) {
  if (!lean) return Json::parse(text, nullptr, false);
  return Json::parse(
      text,
      [](int, Json::parse_event_t event, const Json& parsed) {
        return event != Json::parse_event_t::key || parsed.get_ref<const std::string&>() != "managedFields";
      },
      false);
}

}  // namespace msctl::kubernetes::api
