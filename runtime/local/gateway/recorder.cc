#include "runtime/local/gateway/recorder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "runtime/replay/exchange.h"

namespace msctl::local {
namespace {

// RFC 9110 section 9.2.1.
bool is_safe(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "TRACE";
}

}  // namespace

base::Result<std::unique_ptr<Recorder>> Recorder::open(RecorderOptions options) {
  base::Fd file;
  if (!options.file.empty()) {
    file.reset(::open(options.file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600));
    if (!file)
      return base::fail(base::Code::cannotWrite,
                        fmt::format("cannot write {}: {}", options.file, std::strerror(errno)));
  }
  return std::unique_ptr<Recorder>(new Recorder(std::move(options), std::move(file)));
}

Recorder::Recorder(RecorderOptions options, base::Fd file)
    : options_(std::move(options)), file_(std::move(file)) {
  if (file_)
    thread_ = std::thread([this] {
      sigset_t all;
      sigfillset(&all);
      ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
      work();
    });
}

Recorder::~Recorder() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Recorder::answers(std::string_view upstream, std::string_view method, int status) {
  if (options_.changed && !is_safe(method) && status >= 200 && status < 300)
    options_.changed(std::string(upstream));
}

void Recorder::ended(gateway::server::Capture capture) {
  if (!file_) return;
  {
    std::lock_guard lock(mutex_);
    std::size_t size = capture.request.size() + capture.response.size();
    if (waiting_bytes_ + size > waiting_limit) {
      ++dropped_;
      return;
    }
    waiting_bytes_ += size;
    waiting_.push_back(std::move(capture));
  }
  changed_.notify_one();
}

void Recorder::work() {
  for (std::unique_lock lock(mutex_);;) {
    changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    std::vector<gateway::server::Capture> batch = std::exchange(waiting_, {});
    std::size_t dropped = std::exchange(dropped_, 0);
    waiting_bytes_ = 0;
    lock.unlock();
    std::string lines;
    for (const gateway::server::Capture& capture : batch)
      lines += replay::to_json(replay::exchange_of(capture)).dump() + "\n";
    if (dropped > 0) lines += nlohmann::json{{"dropped", dropped}}.dump() + "\n";
    write(lines);
    lock.lock();
  }
}

// What the disk does not take is lost; the run goes on.
void Recorder::write(const std::string& lines) {
  std::string_view rest = lines;
  while (!rest.empty()) {
    ssize_t n = ::write(file_.get(), rest.data(), rest.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return;
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace msctl::local
