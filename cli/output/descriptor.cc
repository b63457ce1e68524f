#include "cli/output/descriptor.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace msctl::cli::output {

DescriptorBuffer::DescriptorBuffer(int descriptor, std::size_t size)
    : descriptor_(descriptor), buffer_(size) {
  setp(buffer_.data(), buffer_.data() + buffer_.size());
}

DescriptorBuffer::int_type DescriptorBuffer::overflow(int_type c) {
  if (!drain()) return traits_type::eof();
  if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
  *pptr() = traits_type::to_char_type(c);
  pbump(1);
  return c;
}

int DescriptorBuffer::sync() {
  return drain() ? 0 : -1;
}

// What does not fit goes out with what waits before it, without being copied.
std::streamsize DescriptorBuffer::xsputn(const char* text, std::streamsize count) {
  if (count <= epptr() - pptr()) {
    traits_type::copy(pptr(), text, static_cast<std::size_t>(count));
    pbump(static_cast<int>(count));
    return count;
  }
  return drain() && write_all(text, static_cast<std::size_t>(count)) ? count : 0;
}

bool DescriptorBuffer::drain() {
  auto waiting = static_cast<std::size_t>(pptr() - pbase());
  setp(buffer_.data(), buffer_.data() + buffer_.size());
  return write_all(buffer_.data(), waiting);
}

bool DescriptorBuffer::write_all(const char* text, std::size_t count) {
  if (error_ != 0) return false;
  while (count > 0) {
    ssize_t written = ::write(descriptor_, text, count);
    if (written >= 0) {
      text += written;
      count -= static_cast<std::size_t>(written);
    } else if (errno == EAGAIN) {
      // Whoever shares the descriptor has made it non-blocking.
      pollfd wait{.fd = descriptor_, .events = POLLOUT, .revents = 0};
      ::poll(&wait, 1, -1);
    } else if (errno != EINTR) {
      error_ = errno;
      return false;
    }
  }
  return true;
}

}  // namespace msctl::cli::output
