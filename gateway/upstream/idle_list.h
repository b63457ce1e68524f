// Idle connections to one endpoint, the latest used first: the few in use stay warm, the surplus grows old
// and is closed.
#pragma once

#include <cstdint>

#include "runtime/base/clock.h"

namespace msctl::gateway::upstream {

// Base of what can lie idle; leaves its list when destroyed.
class IdleLink {
public:
  IdleLink() = default;
  virtual ~IdleLink();
  IdleLink(const IdleLink&) = delete;
  IdleLink& operator=(const IdleLink&) = delete;
  bool idle() const { return list_ != nullptr; }
  base::Instant idle_since() const { return since_; }
  virtual void close_idle() = 0;  // asked to end while idle

private:
  friend class IdleList;
  class IdleList* list_ = nullptr;
  IdleLink* next_ = nullptr;
  IdleLink* previous_ = nullptr;
  base::Instant since_{};
};

class IdleList {
public:
  IdleList() = default;
  ~IdleList();
  IdleList(const IdleList&) = delete;
  IdleList& operator=(const IdleList&) = delete;

  std::uint32_t size() const { return size_; }
  void put(IdleLink& link, base::Instant now);
  // The latest used, if it has been idle for less than `fresher_than`; null otherwise.
  IdleLink* take(base::Instant now, base::Duration fresher_than);
  void remove(IdleLink& link);
  void close_all();

private:
  IdleLink* first_ = nullptr;
  std::uint32_t size_ = 0;
};

}  // namespace msctl::gateway::upstream
