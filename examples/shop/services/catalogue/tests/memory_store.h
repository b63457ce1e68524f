// A store for tests.
#pragma once

#include <map>

#include "item.h"

namespace app {

class MemoryStore final : public Store {
 public:
  bool available = true;

  void create(const Item& item) override {
    ping();
    items_[item.id] = item;
  }
  std::optional<Item> get(const std::string& id) override {
    ping();
    const auto found = items_.find(id);
    return found == items_.end() ? std::nullopt : std::optional(found->second);
  }
  Page list(const std::string& cursor, std::size_t limit) override {
    ping();
    Page out;
    for (auto at = items_.upper_bound(cursor); at != items_.end(); ++at) {
      if (out.items.size() == limit) {
        out.next = out.items.back().id;
        break;
      }
      out.items.push_back(at->second);
    }
    return out;
  }
  std::optional<Item> replace(const std::string& id, const Draft& draft) override {
    ping();
    const auto found = items_.find(id);
    if (found == items_.end()) return std::nullopt;
    found->second = {id, draft.name, draft.quantity, draft.price.value_or(found->second.price)};
    return found->second;
  }
  bool remove(const std::string& id) override {
    ping();
    return items_.erase(id) > 0;
  }
  void ping() override {
    if (!available) throw StoreUnavailable("connection refused");
  }

 private:
  std::map<std::string, Item> items_;
};

}  // namespace app
