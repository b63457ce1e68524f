// The service's resource: what an item is, and what keeps items.
#pragma once

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace app {

// Limits of an item's values. They are stated in openapi.yaml too.
inline constexpr std::size_t max_name_length = 100;
inline constexpr int max_quantity = 1'000'000;
inline constexpr int max_price = 1'000'000;

struct Item {
  std::string id;
  std::string name;
  int quantity = 0;
  int price = 0;  // in cents
  bool operator==(const Item&) const = default;
};

// What a client says about an item.
struct Draft {
  std::string name;
  int quantity = 0;
  std::optional<int> price;  // none: 0 in a new item, and unchanged in one that is there
};

// A part of the list of items, oldest first.
struct Page {
  std::vector<Item> items;
  std::string next;  // the cursor of the page after this one, empty on the last page
};

// The store cannot be reached now; the same call may work later.
struct StoreUnavailable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Keeps items. Every replica of the service works on the same store. Thread-safe; throws StoreUnavailable.
class Store {
 public:
  virtual ~Store() = default;
  virtual void create(const Item& item) = 0;
  virtual std::optional<Item> get(const std::string& id) = 0;
  // At most `limit` items that follow the cursor (an item's id; empty: from the start).
  virtual Page list(const std::string& cursor, std::size_t limit) = 0;
  // The item as it is now; none for an unknown id: never creates an item.
  virtual std::optional<Item> replace(const std::string& id, const Draft& draft) = 0;
  // False for an unknown id.
  virtual bool remove(const std::string& id) = 0;
  virtual void ping() = 0;
};

// A UUID of version 7 (RFC 9562 section 5.7): it cannot be guessed, and ids sort by age, the order of lists.
std::string new_id();

// Whether the text has the form of an id; what has not needs no look into the store.
bool is_valid_id(std::string_view text);

}  // namespace app
