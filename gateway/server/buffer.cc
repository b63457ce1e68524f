#include "gateway/server/buffer.h"

#include <cstdlib>
#include <cstring>
#include <new>

namespace msctl::gateway::server {
namespace {

constexpr std::uint32_t kept_free = 1024;  // blocks of a size; 4 and 16 MiB a thread at most

}  // namespace

BufferPool::~BufferPool() {
  for (FreeList* list : {&small_, &large_})
    while (list->first != nullptr) std::free(std::exchange(list->first, list->first->next));
}

BufferPool::FreeList* BufferPool::list_for(std::uint32_t capacity) {
  if (capacity == small) return &small_;
  if (capacity == large) return &large_;
  return nullptr;
}

BufferPool::Block* BufferPool::take(std::uint32_t capacity) {
  FreeList* list = list_for(capacity);
  if (list != nullptr && list->first != nullptr) {
    --list->count;
    return std::exchange(list->first, list->first->next);
  }
  void* memory = std::malloc(sizeof(Block) + capacity);
  if (memory == nullptr) throw std::bad_alloc{};
  return new (memory) Block{this, nullptr, capacity};
}

void BufferPool::give(Block* block) {
  FreeList* list = list_for(block->capacity);
  if (list == nullptr || list->count >= kept_free) {
    std::free(block);
    return;
  }
  block->next = list->first;
  list->first = block;
  ++list->count;
}

void Buffer::acquire(BufferPool& pool, std::uint32_t capacity) {
  release();
  block_ = pool.take(capacity);
}

void Buffer::grow(BufferPool& pool, std::uint32_t capacity) {
  Buffer larger;
  larger.acquire(pool, capacity);
  if (block_ != nullptr) larger.append(view());
  swap(larger);
}

void Buffer::release() {
  if (block_ == nullptr) return;
  block_->pool->give(block_);
  block_ = nullptr;
  begin_ = end_ = 0;
}

void Buffer::compact() {
  if (begin_ == 0) return;
  std::memmove(block_->data(), block_->data() + begin_, size());
  end_ -= begin_;
  begin_ = 0;
}

void Buffer::append(std::string_view bytes) {
  std::memcpy(space_begin(), bytes.data(), bytes.size());
  produced(bytes.size());
}

}  // namespace msctl::gateway::server
