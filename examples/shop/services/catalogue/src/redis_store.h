// Items in Redis: the service's only state, so that its replicas are equal.
//
// Each item is a JSON string under its own key. A sorted set holds all ids with equal scores, so that it is
// ordered by id, which is the order of creation; a page of the list is a range of it.
#pragma once

#include <memory>
#include <string>

#include "item.h"

namespace app {

class RedisStore final : public Store {
 public:
  // redis://[[user]:password@]host[:port][/database]; throws std::invalid_argument. It does not connect yet:
  // the service starts, and says that it is not ready, while Redis is away.
  explicit RedisStore(const std::string& url);
  ~RedisStore() override;

  void create(const Item& item) override;
  std::optional<Item> get(const std::string& id) override;
  Page list(const std::string& cursor, std::size_t limit) override;
  std::optional<Item> replace(const std::string& id, const Draft& draft) override;
  bool remove(const std::string& id) override;
  void ping() override;

 private:
  std::unique_ptr<class RedisPool> pool_;
};

}  // namespace app
