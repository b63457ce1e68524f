// One client's connection: buffered reads against a deadline, and how many bytes a request's head may have.
#pragma once

#include <sys/types.h>

#include <array>
#include <chrono>
#include <cstddef>

namespace app::http {

class Connection {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  // Takes the socket and closes it at its end.
  explicit Connection(int socket) : socket_(socket) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // Waits for the first byte of a request. False: the peer has gone, the time is over, or `wake` became
  // readable.
  bool wait(int wake, std::chrono::milliseconds idle);

  // From here on reads fail after `deadline`, or when `most` bytes have been read.
  void limit(Instant deadline, std::size_t most);
  bool timed_out() const { return timed_out_; }

  ssize_t read(char* to, std::size_t size);
  ssize_t write(const char* from, std::size_t size);
  int socket() const { return socket_; }

  // Ends the writing side and reads on for a moment: closing with unread bytes would reset the connection,
  // and the client would lose the answer.
  void finish();

 private:
  bool fill();

  int socket_;
  std::array<char, 8192> buffer_{};
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  Instant deadline_ = Instant::max();
  std::size_t left_ = 0;
  bool timed_out_ = false;
};

}  // namespace app::http
