#include "gateway/upstream/idle_list.h"

namespace msctl::gateway::upstream {

IdleLink::~IdleLink() {
  if (list_ != nullptr) list_->remove(*this);
}

IdleList::~IdleList() {
  while (first_ != nullptr) remove(*first_);
}

void IdleList::put(IdleLink& link, base::Instant now) {
  link.since_ = now;
  link.list_ = this;
  link.previous_ = nullptr;
  link.next_ = first_;
  if (first_ != nullptr) first_->previous_ = &link;
  first_ = &link;
  ++size_;
}

IdleLink* IdleList::take(base::Instant now, base::Duration fresher_than) {
  IdleLink* link = first_;
  if (link == nullptr || now - link->since_ >= fresher_than) return nullptr;
  remove(*link);
  return link;
}

void IdleList::remove(IdleLink& link) {
  (link.previous_ != nullptr ? link.previous_->next_ : first_) = link.next_;
  if (link.next_ != nullptr) link.next_->previous_ = link.previous_;
  link.next_ = link.previous_ = nullptr;
  link.list_ = nullptr;
  --size_;
}

void IdleList::close_all() {
  while (first_ != nullptr) {
    IdleLink& link = *first_;
    remove(link);
    link.close_idle();
  }
}

}  // namespace msctl::gateway::upstream
