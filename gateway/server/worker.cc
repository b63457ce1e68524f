#include "gateway/server/worker.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <utility>

#include "gateway/filters/problem/problem.h"
#include "gateway/server/acceptor.h"
#include "gateway/server/client.h"
#include "gateway/server/compose.h"
#include "gateway/server/exchange.h"

namespace msctl::gateway::server {
namespace {

constexpr std::size_t kept_exchanges = 1024;

constexpr int most_looked_at = 256;      // clients, for an idle one
constexpr std::size_t most_closed = 32;  // idle upstream connections, when descriptors run out

// Refused connections that may wait for their client to read the answer; more are closed at once.
constexpr std::size_t refused_limit = 16;

}  // namespace

Worker::Worker(Shared& shared, std::size_t index)
    : shared_(shared),
      index_(index),
      counters_(shared.registry.thread(index)),
      unrouted_(shared.registry.route(index, 0)),
      balancing_(ids_.next()) {
  reactor.at_end_of_round([this] {
    if (std::exchange(logged_, false)) shared_.access_log->wake();
  });
}

Worker::~Worker() {
  // Before the members go that connections refer to when they end.
  cut();
  reactor.bury();
  for (Acceptor* acceptor : acceptors_) delete acceptor;
  for (auto& [name, group] : groups_) group->set({});
  reactor.bury();
  if (view_ != nullptr) view_->unpin();
}

upstream::Group& Worker::group(const std::string& name) {
  auto& group = groups_[name];
  if (!group) group = std::make_unique<upstream::Group>(shared_.gate(name));
  return *group;
}

// An upstream that is gone from the configuration keeps its endpoints for as long as a request is under way
// that began when it was there.
void Worker::forget_upstreams(const View& gone) {
  for (upstream::Group* group : gone.groups)
    if (view_ == nullptr || std::ranges::find(view_->groups, group) == view_->groups.end()) group->set({});
}

void Worker::adopt(std::shared_ptr<const Snapshot> snapshot) {
  auto* view = new View;
  view->at_end = [this](const View& gone) { forget_upstreams(gone); };
  for (const std::string& name : snapshot->upstreams) view->groups.push_back(&group(name));
  for (const auto& route : snapshot->routes) {
    auto& counters = view->counters.emplace_back();
    counters.push_back(&shared_.registry.route(index_, route->own.number));
    for (const Destination& part : route->split)
      counters.push_back(&shared_.registry.route(index_, part.number));
  }
  view->snapshot = std::move(snapshot);
  view->pin();
  if (View* before = std::exchange(view_, view)) before->unpin();
}

void Worker::set_endpoints(const std::string& upstream, const upstream::Endpoints& endpoints) {
  group(upstream).set(endpoints);
}

void Worker::let_go() {
  // Each may wait on (at another gate), and comes in again behind.
  for (std::size_t left = at_gate_.size(); left > 0 && !at_gate_.empty(); --left) {
    Exchange* first = at_gate_.front();
    at_gate_.erase(at_gate_.begin());
    first->gate_opened();
  }
}

void Worker::listen(int descriptor) {
  acceptors_.push_back(new Acceptor(*this, descriptor));
}

void Worker::stop_listening(int descriptor) {
  auto found = std::ranges::find(acceptors_, descriptor, &Acceptor::descriptor);
  if (found == acceptors_.end()) return;
  // Connections that the kernel has already made for us are served, not reset.
  (*found)->take_all();
  reactor.remove(descriptor);
  reactor.retire(*found);
  acceptors_.erase(found);
}

void Worker::begin_drain(std::function<void()> when_empty) {
  while (!acceptors_.empty()) stop_listening(acceptors_.back()->descriptor());
  draining_ = true;
  when_empty_ = std::move(when_empty);
  for (Client* client = clients_; client != nullptr; client = client->next) client->drain();
  if (clients_ == nullptr && when_empty_) std::exchange(when_empty_, nullptr)();
}

void Worker::cut() {
  for (Client* client = clients_; client != nullptr; client = client->next) client->close();
}

std::string_view Worker::date() {
  std::time_t now = std::time(nullptr);
  if (now != date_second_) {
    date_second_ = now;
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::strftime(date_.data(), date_.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  }
  return {date_.data(), 29};
}

void Worker::log(telemetry::AccessEntry& entry) {
  if (shared_.access_log == nullptr) return;
  entry.time = std::chrono::system_clock::now();
  if (shared_.access_log->ring(index_).put(entry_writer_.write(entry)))
    logged_ = true;
  else
    counters_.log_lines_dropped.add();
}

std::unique_ptr<Exchange> Worker::take_exchange() {
  if (free_exchanges_.empty()) return std::make_unique<Exchange>(*this, ids_);
  auto exchange = std::move(free_exchanges_.back());
  free_exchanges_.pop_back();
  return exchange;
}

void Worker::give_exchange(std::unique_ptr<Exchange> exchange) {
  if (free_exchanges_.size() < kept_exchanges) free_exchanges_.push_back(std::move(exchange));
}

void Worker::accepted(int descriptor, const sockaddr_storage& peer) {
  if (shared_.clients.load(std::memory_order_relaxed) >= shared_.client_limit && !close_idle_client())
    return refuse(descriptor);
  auto* client = new Client(*this, descriptor, peer);
  if (!reactor.add(descriptor, *client, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET)) client->close();
}

void Worker::refuse(int descriptor) {
  unrouted_.rejected(base::Code::gatewayOverloaded);
  arena_.reset();
  std::string_view body = filters::write_problem(
      arena_, 503, base::Code::gatewayOverloaded, "The gateway has as many connections as it may have.",
      arena_.copy(fmt::format("{:016x}{:016x}", ids_.next(), ids_.next())));
  Text answer(arena_, body.size() + 256);
  answer << "HTTP/1.1 503 Service Unavailable\r\nDate: " << date()
         << "\r\nContent-Type: " << filters::problem_type << "\r\nContent-Length: " << body.size()
         << "\r\nRetry-After: 1\r\nConnection: close\r\n\r\n"
         << body;
  std::string_view text = answer.done();
  if (refused_count_ < refused_limit) {
    auto* client = new Client(*this, descriptor, sockaddr_storage{});
    client->refused = true;
    ++refused_count_;
    if (reactor.add(descriptor, *client, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET))
      client->send_and_linger(text);
    else
      client->close();
    return;
  }
  [[maybe_unused]] auto sent = send(descriptor, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  shutdown(descriptor, SHUT_WR);
  close(descriptor);
}

void Worker::link(Client& client) {
  client.next = clients_;
  client.previous = nullptr;
  (clients_ != nullptr ? clients_->previous : last_client_) = &client;
  clients_ = &client;
}

void Worker::unlink(Client& client) {
  (client.previous != nullptr ? client.previous->next : clients_) = client.next;
  (client.next != nullptr ? client.next->previous : last_client_) = client.previous;
}

void Worker::joined(Client& client) {
  link(client);
  shared_.clients.fetch_add(1, std::memory_order_relaxed);
  counters_.client_opened.add();
}

void Worker::left(Client& client) {
  unlink(client);
  shared_.clients.fetch_sub(1, std::memory_order_relaxed);
  if (client.refused) --refused_count_;
  counters_.client_closed.add();
  if (clients_ == nullptr && when_empty_) std::exchange(when_empty_, nullptr)();
}

void Worker::idles(Client& client) {
  if (clients_ == &client) return;
  unlink(client);
  link(client);
}

// The one that has been idle longest gives way to a new client. Those before it in the list are busy with
// long requests; not all of them are looked through.
bool Worker::close_idle_client() {
  int looked_at = 0;
  for (Client* client = last_client_; client != nullptr && looked_at < most_looked_at;
       client = client->previous) {
    ++looked_at;
    if (client->closed() || !client->idle()) continue;
    client->close();
    return true;
  }
  return false;
}

bool Worker::make_room() {
  int before = errno;
  bool made = close_idle_upstream() || close_idle_client();
  errno = before;  // which the caller goes on to look at
  return made;
}

bool Worker::close_idle_upstream() {
  std::size_t closed = 0;
  for (auto& [name, group] : groups_)
    if (closed < most_closed) closed += group->close_idle(most_closed - closed);
  return closed > 0;
}

}  // namespace msctl::gateway::server
