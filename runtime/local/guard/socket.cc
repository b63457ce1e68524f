#include "runtime/local/guard/socket.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace msctl::local::guard {
namespace {

constexpr std::size_t kMaxDescriptors = 4;
using Control = std::array<char, CMSG_SPACE(sizeof(int) * kMaxDescriptors)>;

}  // namespace

bool send(int socket, const Message& message, std::span<const int> descriptors) {
  std::string bytes = encode(message);
  iovec part{bytes.data(), bytes.size()};
  alignas(cmsghdr) Control control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  if (!descriptors.empty()) {
    header.msg_control = control.data();
    header.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr* item = CMSG_FIRSTHDR(&header);
    item->cmsg_level = SOL_SOCKET;
    item->cmsg_type = SCM_RIGHTS;
    item->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(item), descriptors.data(), descriptors.size_bytes());
  }
  for (;;) {
    if (::sendmsg(socket, &header, MSG_NOSIGNAL) >= 0) return true;
    if (errno != EINTR) return false;
  }
}

std::optional<Received> receive(int socket, bool wait) {
  // A packet is never larger than what its sender's buffer holds.
  static std::array<char, 1 << 20> bytes;
  iovec part{bytes.data(), bytes.size()};
  alignas(cmsghdr) Control control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  ssize_t n = 0;
  do n = ::recvmsg(socket, &header, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
  while (n < 0 && errno == EINTR);
  if (n == 0) errno = ENOTCONN;  // the end, told apart from "nothing yet"
  if (n <= 0) return std::nullopt;

  Received received;
  for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr; item = CMSG_NXTHDR(&header, item)) {
    if (item->cmsg_level != SOL_SOCKET || item->cmsg_type != SCM_RIGHTS) continue;
    std::size_t count = (item->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(item) + i * sizeof(int), sizeof fd);
      received.descriptors.emplace_back(fd);
    }
  }
  auto message = decode({bytes.data(), static_cast<std::size_t>(n)});
  if (!message) {
    errno = EBADMSG;
    return std::nullopt;
  }
  received.message = std::move(*message);
  return received;
}

}  // namespace msctl::local::guard
