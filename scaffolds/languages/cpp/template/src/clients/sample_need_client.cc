#include "clients/sample_need_client.h"

#include <nlohmann/json.hpp>

namespace app::clients {

SampleNeedClient::SampleNeedClient(const Client::Environment& environment, Limits limits)
    : client_("sample-need", "SAMPLE_NEED_URL", environment, limits) {}

std::optional<Item> SampleNeedClient::item(const std::string& id, const Trace& trace) {
  try {
    const nlohmann::json body = client_.get("/items/" + escape(id), trace);
    return Item{body.at("id"), body.at("name"), body.at("quantity")};
  } catch (const CallFailed& failure) {
    if (failure.status == 404) return std::nullopt;
    throw;
  } catch (const nlohmann::json::exception&) {
    throw CallFailed("sample-need answered something that is not an item", 200);
  }
}

}  // namespace app::clients
