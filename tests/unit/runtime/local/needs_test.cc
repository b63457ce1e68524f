// The listeners of needs, on real sockets.
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <string>
#include <thread>

#include "runtime/local/loop/ports.h"
#include "runtime/local/needs/forwarder.h"
#include "tests/catch.h"

using namespace msctl;
using namespace msctl::local;

namespace {

// Answers each connection with its name and what it got, at the end of the request.
class Echo {
public:
  explicit Echo(std::string name) : name_(std::move(name)), bound_(std::move(bind_loopback().value())) {
    int flags = ::fcntl(bound_.socket.get(), F_GETFL);
    ::fcntl(bound_.socket.get(), F_SETFL, flags & ~O_NONBLOCK);
    ::listen(bound_.socket.get(), 16);
    thread_ = std::thread([this] {
      for (int client = -1; (client = ::accept(bound_.socket.get(), nullptr, nullptr)) >= 0;
           ::close(client)) {
        std::string got;
        char buffer[65536];
        for (ssize_t n = 0; (n = ::read(client, buffer, sizeof buffer)) > 0;)
          got.append(buffer, static_cast<std::size_t>(n));
        std::string answer = name_ + got;
        for (std::size_t done = 0; done < answer.size();) {
          ssize_t n = ::send(client, answer.data() + done, answer.size() - done, MSG_NOSIGNAL);
          if (n <= 0) break;
          done += static_cast<std::size_t>(n);
        }
      }
    });
  }
  ~Echo() {
    ::shutdown(bound_.socket.get(), SHUT_RDWR);
    thread_.join();
  }
  int port() const { return bound_.port; }

private:
  std::string name_;
  Bound bound_;
  std::thread thread_;
};

// The answer, or "refused".
std::string ask(int port, const std::string& what) {
  base::Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = loopback(port);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return errno == ECONNREFUSED ? "refused" : "other";
  std::thread writer([&] {
    for (std::size_t done = 0; done < what.size();) {
      ssize_t n = ::send(socket.get(), what.data() + done, what.size() - done, MSG_NOSIGNAL);
      if (n <= 0) break;
      done += static_cast<std::size_t>(n);
    }
    ::shutdown(socket.get(), SHUT_WR);
  });
  std::string answer;
  char buffer[65536];
  for (ssize_t n = 0; (n = ::read(socket.get(), buffer, sizeof buffer)) > 0;)
    answer.append(buffer, static_cast<std::size_t>(n));
  writer.join();
  return answer;
}

std::string until(int port, const std::string& expected) {
  std::string answer;
  for (int i = 0; i < 1000 && (answer = ask(port, "")) != expected; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  return answer;
}

}  // namespace

TEST_CASE("a need refuses without replicas, answers with one, and refuses again on the same port") {
  Forwarder forwarder;
  int port = forwarder.add("store").value();
  CHECK(ask(port, "") == "refused");
  Echo a("a");
  forwarder.set_ports("store", {a.port()});
  CHECK(until(port, "a") == "a");
  forwarder.set_ports("store", {});
  CHECK(until(port, "refused") == "refused");
  forwarder.set_ports("store", {a.port()});
  CHECK(until(port, "a") == "a");
}

TEST_CASE("connections go to each replica in turn, past one that is dead") {
  Forwarder forwarder;
  int port = forwarder.add("store").value();
  Echo a("a"), b("b");
  int dead = free_port().value();
  forwarder.set_ports("store", {a.port(), dead, b.port()});
  until(port, "a");
  std::map<std::string, int> answers;
  for (int i = 0; i < 30; ++i) ++answers[ask(port, "")];
  CHECK(answers["a"] + answers["b"] == 30);
  CHECK(answers["a"] >= 5);
  CHECK(answers["b"] >= 5);
}

TEST_CASE("megabytes go through whole, both ways, over a half-closed connection") {
  Forwarder forwarder;
  int port = forwarder.add("store").value();
  Echo a("a");
  forwarder.set_ports("store", {a.port()});
  until(port, "a");
  std::string large(5'000'000, 'x');
  for (std::size_t i = 0; i < large.size(); i += 997) large[i] = static_cast<char>('a' + i % 26);
  CHECK(ask(port, large) == "a" + large);
}

TEST_CASE("the owner of a port is named") {
  auto bound = bind_loopback();
  REQUIRE(bound);
  CHECK(owner_of_port(bound->port).empty());
  ::listen(bound->socket.get(), 1);
  CHECK(owner_of_port(bound->port).find("(pid " + std::to_string(::getpid()) + ")") != std::string::npos);
}
