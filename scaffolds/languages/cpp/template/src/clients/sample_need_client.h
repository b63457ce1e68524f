// Calls to the service sample-need.
#pragma once

#include <optional>
#include <string>

#include "clients/client.h"
#include "item.h"

namespace app::clients {

class SampleNeedClient {
 public:
  // Takes the address from SAMPLE_NEED_URL.
  explicit SampleNeedClient(const Client::Environment& environment, Limits limits = {});

  // Nothing if there is no item with this id; throws CallFailed.
  std::optional<Item> item(const std::string& id, const Trace& trace);

 private:
  Client client_;
};

}  // namespace app::clients
