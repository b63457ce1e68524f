// Memory for bytes on their way. Blocks of two sizes are pooled for each thread, so that the steady state
// allocates nothing and an idle connection holds none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace msctl::gateway::server {

// Not thread-safe: one for each reactor. Keeps a bounded number of free blocks, the latest used first (still
// in the cache).
class BufferPool {
public:
  static constexpr std::uint32_t small = 4 * 1024 - 32;   // a request with its header, nearly always
  static constexpr std::uint32_t large = 16 * 1024 - 32;  // answers, bodies

  BufferPool() = default;
  ~BufferPool();
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

private:
  friend class Buffer;
  struct Block {
    BufferPool* pool;
    Block* next;
    std::uint32_t capacity;
    char* data() { return reinterpret_cast<char*>(this + 1); }
  };
  struct FreeList {
    Block* first = nullptr;
    std::uint32_t count = 0;
  };
  Block* take(std::uint32_t capacity);
  void give(Block* block);
  FreeList* list_for(std::uint32_t capacity);

  FreeList small_, large_;
};

// A window of filled bytes in a block, or nothing.
class Buffer {
public:
  Buffer() = default;
  ~Buffer() { release(); }
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    swap(other);
    return *this;
  }
  void swap(Buffer& other) noexcept {
    std::swap(block_, other.block_);
    std::swap(begin_, other.begin_);
    std::swap(end_, other.end_);
  }

  bool has_block() const { return block_ != nullptr; }
  bool empty() const { return begin_ == end_; }
  std::uint32_t capacity() const { return block_ == nullptr ? 0 : block_->capacity; }
  char* data() { return block_->data() + begin_; }
  std::size_t size() const { return end_ - begin_; }
  std::string_view view() const {
    return block_ == nullptr ? std::string_view{} : std::string_view{block_->data() + begin_, size()};
  }
  char* space_begin() { return block_->data() + end_; }
  std::size_t space() const { return block_ == nullptr ? 0 : block_->capacity - end_; }

  void acquire(BufferPool& pool, std::uint32_t capacity);  // an empty block, instead of what there was
  void grow(BufferPool& pool, std::uint32_t capacity);     // the same bytes in a larger block
  void release();
  void produced(std::size_t count) { end_ += static_cast<std::uint32_t>(count); }
  void consume(std::size_t count) {
    begin_ += static_cast<std::uint32_t>(count);
    if (begin_ == end_) begin_ = end_ = 0;
  }
  void compact();                       // moves the bytes to the block's start
  void append(std::string_view bytes);  // there must be space

private:
  BufferPool::Block* block_ = nullptr;
  std::uint32_t begin_ = 0, end_ = 0;
};

}  // namespace msctl::gateway::server
