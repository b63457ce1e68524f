#include "gateway/telemetry/access_log.h"

#include <algorithm>
#include <chrono>
#include <cstring>

namespace msctl::gateway::telemetry {

namespace {

constexpr std::size_t time_size = sizeof(R"({"time":"2026-01-31T12:00:00.123456Z")") - 1;

}  // namespace

LogRing::LogRing(std::size_t capacity) : capacity_(capacity), bytes_(new char[capacity]) {}

bool LogRing::put(std::string_view line) {
  std::size_t head = head_.load(std::memory_order_relaxed);
  if (capacity_ - (head - tail_.load(std::memory_order_acquire)) < line.size()) return false;
  std::size_t at = head & (capacity_ - 1);
  std::size_t first = std::min(line.size(), capacity_ - at);
  std::memcpy(bytes_.get() + at, line.data(), first);
  std::memcpy(bytes_.get(), line.data() + first, line.size() - first);
  head_.store(head + line.size(), std::memory_order_release);
  return true;
}

bool LogRing::take_all(std::string& to) {
  std::size_t tail = tail_.load(std::memory_order_relaxed);
  std::size_t count = head_.load(std::memory_order_acquire) - tail;
  if (count == 0) return false;
  std::size_t at = tail & (capacity_ - 1);
  std::size_t first = std::min(count, capacity_ - at);
  to.append(bytes_.get() + at, first);
  to.append(bytes_.get(), count - first);
  tail_.store(tail + count, std::memory_order_release);
  return true;
}

AccessLog::AccessLog(std::size_t threads, Sink sink) : sink_(std::move(sink)) {
  for (std::size_t i = 0; i < threads; ++i) rings_.push_back(std::make_unique<LogRing>());
  writer_ = std::thread([this] { write_loop(); });
}

AccessLog::~AccessLog() {
  ended_ = true;
  asleep_.store(0);
  asleep_.notify_one();
  writer_.join();
}

void AccessLog::wake() {
  // Pairs with the writer's exchange: whichever comes second sees what the other did, so that it finds the
  // line or is woken.
  if (asleep_.exchange(0) == 1) asleep_.notify_one();
}

bool AccessLog::write_out() {
  lines_.clear();
  int filled = 0;
  for (auto& ring : rings_) filled += ring->take_all(lines_);
  if (filled == 0) return false;
  if (filled > 1) put_in_order();
  sink_(lines_);
  return true;
}

void AccessLog::put_in_order() {
  sorted_.clear();
  std::string_view rest = lines_;
  while (!rest.empty()) {
    std::size_t end = rest.find('\n') + 1;
    sorted_.push_back(rest.substr(0, end));
    rest.remove_prefix(end);
  }
  std::ranges::stable_sort(sorted_, {}, [](std::string_view line) { return line.substr(0, time_size); });
  ordered_.clear();
  for (std::string_view line : sorted_) ordered_ += line;
  lines_.swap(ordered_);
}

void AccessLog::write_loop() {
  while (!ended_) {
    if (write_out()) {
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
      continue;
    }
    asleep_.exchange(1);
    if (write_out()) {
      asleep_.store(0);
      continue;
    }
    if (!ended_) asleep_.wait(1);
  }
  write_out();
}

}  // namespace msctl::gateway::telemetry
