// A non-blocking socket with its two buffers: what was read and not yet used, and what was written and not
// yet taken by the socket. Writing happens at once; only what the socket refuses is copied and kept, and its
// owner reads no more from the other side until that is gone. So memory is bounded by what one read brings,
// whoever is slow.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <span>

#include "gateway/server/buffer.h"

namespace msctl::gateway::server {

class Stream {
public:
  Stream() = default;
  explicit Stream(int descriptor) : fd_(descriptor) {}
  ~Stream() { close(); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  int fd() const { return fd_; }
  void close();

  // From epoll: what has become possible since.
  void note(std::uint32_t events);
  bool readable() const { return readable_; }  // a read may bring something
  bool ended() const { return hangup_; }       // the peer sends no more
  bool reset() const { return reset_; }        // both directions are gone

  enum class Read { data, nothing, end, failed };
  Read read(BufferPool& pool,
            std::uint32_t capacity);  // into `in`; takes a block of this capacity where there is none

  // False: the connection is broken. Otherwise everything is written or kept in the outbox.
  bool write(BufferPool& pool, std::span<iovec> slices);
  bool flush();                                   // what is in the outbox, as far as it goes
  bool blocked() const { return !out_.empty(); }  // the outbox holds something
  void shut_write();
  // Whether the peer has taken anything since the last call: what it acknowledged, not what fits a buffer.
  bool progressed();

  Buffer in;

private:
  bool keep(BufferPool& pool, std::span<iovec> slices, std::size_t already);

  int fd_ = -1;
  bool readable_ = false;
  bool writable_ = true;
  bool hangup_ = false;  // the peer sends no more: a short read is not the last word
  bool reset_ = false;
  Buffer out_;
  std::uint64_t sent_ = 0;   // bytes given to the socket
  std::uint64_t taken_ = 0;  // of them, acknowledged at the last look
};

// Collects slices for one gathering write. `full` when no more fit.
class Slices {
public:
  static constexpr std::size_t limit = 256;  // more than a head of 128 fields can need
  void add(std::string_view bytes) {
    if (bytes.empty()) return;
    slices_[size_++] = {const_cast<char*>(bytes.data()), bytes.size()};
  }
  bool full() const { return size_ + 4 > limit; }  // room for a chunk's head, bytes and end remains
  bool empty() const { return size_ == 0; }
  void clear() { size_ = 0; }
  std::span<iovec> all() { return {slices_, size_}; }

private:
  iovec slices_[limit];
  std::size_t size_ = 0;
};

}  // namespace msctl::gateway::server
