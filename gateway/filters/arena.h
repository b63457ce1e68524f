// Memory for what one request makes: values put together, encoded paths, problem documents. Growing happens
// once; after a reset the same memory is used again, so that the steady state allocates nothing. One for each
// reactor's exchange; not shared.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace msctl::gateway::filters {

class Arena {
public:
  static constexpr std::size_t block_size = 4096;
  static constexpr std::size_t kept_memory = 256 * 1024;  // over a reset

  // Room that stays in place until reset.
  std::span<char> take(std::size_t size) {
    while (block_ < blocks_.size() && blocks_[block_].size - used_ < size) next();
    if (block_ == blocks_.size()) grow(size);
    char* at = blocks_[block_].memory.get() + used_;
    used_ += size;
    return {at, size};
  }
  // Gives back the end of the last `take`: of what was taken only `kept` bytes are in use.
  void keep(std::span<char> last, std::size_t kept) { used_ -= last.size() - kept; }

  std::string_view copy(std::string_view text) {
    std::span<char> room = take(text.size());
    if (!text.empty()) std::memcpy(room.data(), text.data(), text.size());
    return {room.data(), text.size()};
  }
  template <class... Parts>
  std::string_view join(const Parts&... parts) {
    std::span<char> room = take((std::string_view(parts).size() + ... + 0));
    char* at = room.data();
    ((at = append(at, parts)), ...);
    return {room.data(), room.size()};
  }
  // A large request's memory is not kept for the small ones that follow.
  void reset() {
    block_ = 0, used_ = 0;
    if (total_ <= kept_memory) return;
    blocks_.resize(blocks_.front().size <= kept_memory ? 1 : 0);
    total_ = blocks_.empty() ? 0 : blocks_.front().size;
  }

private:
  struct Block {
    std::unique_ptr<char[]> memory;
    std::size_t size;
  };
  static char* append(char* at, std::string_view part) {
    if (!part.empty()) std::memcpy(at, part.data(), part.size());
    return at + part.size();
  }
  void next() { ++block_, used_ = 0; }
  void grow(std::size_t size) {
    // Powers of two: sizes that grow a little from request to request must not add a block each.
    std::size_t room = std::bit_ceil(std::max(size, block_size));
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(room), room});
    total_ += room;
    used_ = 0;
  }

  std::vector<Block> blocks_;
  std::size_t block_ = 0, used_ = 0, total_ = 0;
};

}  // namespace msctl::gateway::filters
