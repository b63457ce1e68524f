// A client that sends exactly the bytes that it is given.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

namespace app {

class Socket {
 public:
  explicit Socket(int port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { ::close(fd_); }

  bool connected() const { return connected_; }
  void send(const std::string& bytes) { ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }

  // One whole answer with a Content-Length; what came, if the connection ends before. Waits at most 10
  // seconds.
  std::string answer() {
    while (!whole() && more()) {
    }
    const std::size_t size = whole() ? head_end() + length() : buffer_.size();
    std::string out = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return out;
  }

  bool closed() {
    while (more()) {
    }
    return closed_;
  }

 private:
  bool more() {
    pollfd watched{fd_, POLLIN, 0};
    if (::poll(&watched, 1, 10000) <= 0) return false;
    char bytes[4096];
    const ssize_t got = ::recv(fd_, bytes, sizeof bytes, 0);
    closed_ = got <= 0;
    if (got > 0) buffer_.append(bytes, static_cast<std::size_t>(got));
    return got > 0;
  }
  std::size_t head_end() const { return buffer_.find("\r\n\r\n") + 4; }
  std::size_t length() const {
    const auto at = buffer_.find("Content-Length: ");
    return at < head_end() ? std::stoul(buffer_.substr(at + 16)) : 0;
  }
  bool whole() const {
    return buffer_.find("\r\n\r\n") != std::string::npos && buffer_.size() >= head_end() + length();
  }

  int fd_;
  bool connected_ = false;
  bool closed_ = false;
  std::string buffer_;
};

}  // namespace app
