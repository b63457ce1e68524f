// Heads to be sent, as slices for writev(2): fields that stay as they came are runs of the incoming buffer (lines that stand side
// by side make one slice), new ones are pieces of the arena or the configuration.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <span>
#include <string_view>

#include "gateway/http1/fields.h"

namespace msctl::gateway::http1 {

// A list of slices over memory of the caller's. Empty ones are left out.
class Slices {
 public:
  explicit Slices(std::span<iovec> room) : room_(room) {}
  void add(std::string_view bytes) {
    if (bytes.empty()) return;
    bytes_ += bytes.size();
    // Slices that continue each other become one.
    if (size_ > 0 && static_cast<const char*>(room_[size_ - 1].iov_base) + room_[size_ - 1].iov_len == bytes.data()) {
      room_[size_ - 1].iov_len += bytes.size();
      return;
    }
    if (size_ == room_.size()) {
      full_ = true;
      return;
    }
    room_[size_++] = {const_cast<char*>(bytes.data()), bytes.size()};
  }
  void add_field(std::string_view name, std::string_view value) { add(name), add(": "), add(value), add("\r\n"); }
  std::span<iovec> get() const { return room_.first(size_); }
  std::size_t bytes() const { return bytes_; }
  bool full() const { return full_; }  // something did not fit: nothing of it may be sent

 private:
  std::span<iovec> room_;
  std::size_t size_ = 0, bytes_ = 0;
  bool full_ = false;
};

// The fields for which `keep(index)` holds, each with its line break.
template <class Keep>
void add_kept(Slices& slices, const Fields& fields, Keep&& keep) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!keep(i)) continue;
    const Field& field = fields[i];
    // The line as it came, white space included: from the name to the CRLF behind it.
    const char* end = field.value.data() + field.value.size();
    while (*end != '\n') ++end;
    slices.add({field.name.data(), static_cast<std::size_t>(end + 1 - field.name.data())});
  }
}

}  // namespace msctl::gateway::http1
