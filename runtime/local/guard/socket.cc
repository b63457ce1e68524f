#include "runtime/local/guard/socket.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace msctl::local::guard {
namespace {

constexpr std::size_t kMostDescriptors = 64;   // in a packet; the kernel's limit is 253
constexpr std::size_t kMostBytes = 32 * 1024;  // but for a single larger message
using Control = std::array<char, CMSG_SPACE(sizeof(int) * kMostDescriptors)>;

bool send_packet(int socket, std::string& bytes, const std::vector<base::Fd>& descriptors) {
  iovec part{bytes.data(), bytes.size()};
  alignas(cmsghdr) Control control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  if (!descriptors.empty()) {
    const std::size_t size = descriptors.size() * sizeof(int);
    header.msg_control = control.data();
    header.msg_controllen = CMSG_SPACE(size);
    cmsghdr* item = CMSG_FIRSTHDR(&header);
    item->cmsg_level = SOL_SOCKET;
    item->cmsg_type = SCM_RIGHTS;
    item->cmsg_len = CMSG_LEN(size);
    for (std::size_t i = 0; i < descriptors.size(); ++i) {
      const int fd = descriptors[i].get();
      std::memcpy(CMSG_DATA(item) + i * sizeof fd, &fd, sizeof fd);
    }
  }
  for (;;) {
    if (::sendmsg(socket, &header, MSG_NOSIGNAL) >= 0) return true;
    if (errno != EINTR) return false;
  }
}

std::vector<base::Fd> descriptors_of(msghdr& header) {
  std::vector<base::Fd> out;
  for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr; item = CMSG_NXTHDR(&header, item)) {
    if (item->cmsg_level != SOL_SOCKET || item->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (item->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(item) + i * sizeof fd, sizeof fd);
      out.emplace_back(fd);
    }
  }
  return out;
}

// Each message with the count of its descriptors before it.
std::optional<std::vector<Parcel>> parcels(std::string_view bytes, std::vector<base::Fd> descriptors) {
  std::vector<Parcel> out;
  std::size_t taken = 0;
  while (!bytes.empty()) {
    const auto count = static_cast<std::size_t>(bytes.front());
    bytes.remove_prefix(1);
    auto message = decode(bytes);
    if (!message || count > descriptors.size() - taken) return std::nullopt;
    Parcel parcel{std::move(*message), {}};
    for (std::size_t i = 0; i < count; ++i) parcel.descriptors.push_back(std::move(descriptors[taken++]));
    out.push_back(std::move(parcel));
  }
  return out;
}

}  // namespace

void Outbox::add(const Message& message, std::vector<base::Fd> descriptors) {
  std::string bytes(1, static_cast<char>(descriptors.size()));
  bytes += encode(message);
  if (packets_.empty() || packets_.back().bytes.size() + bytes.size() > kMostBytes ||
      packets_.back().descriptors.size() + descriptors.size() > kMostDescriptors)
    packets_.emplace_back();
  Packet& packet = packets_.back();
  packet.bytes += bytes;
  for (base::Fd& descriptor : descriptors) packet.descriptors.push_back(std::move(descriptor));
}

bool Outbox::send(int socket) {
  for (; !packets_.empty(); packets_.pop_front())
    if (!send_packet(socket, packets_.front().bytes, packets_.front().descriptors)) return false;
  return true;
}

std::optional<std::vector<Parcel>> receive(int socket, bool wait) {
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

  auto out = parcels({bytes.data(), static_cast<std::size_t>(n)}, descriptors_of(header));
  if (!out) errno = EBADMSG;
  return out;
}

}  // namespace msctl::local::guard
