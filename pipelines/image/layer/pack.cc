#include "pipelines/image/layer/pack.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <libdeflate.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "pipelines/image/layer/tar.h"
#include "runtime/base/fd.h"
#include "runtime/digest/digest.h"

namespace msctl::image {
namespace {

constexpr std::size_t block_size = std::size_t{1} << 20;
// A block under way takes twice its size: also on a machine of many cores a layer takes no more than about
// 24 MiB. The disk and the digest of the archive are the slower ones then.
constexpr unsigned most_workers = 8;

struct Slot {
  std::string raw, packed;
  std::size_t packed_size = 0;
  bool hashed = false, compressed = false;
};

struct FreeCompressor {
  void operator()(libdeflate_compressor* compressor) const { libdeflate_free_compressor(compressor); }
};
using Compressor = std::unique_ptr<libdeflate_compressor, FreeCompressor>;

// The blocks under way: a ring. The caller fills, workers compress, one thread takes the archive's digest,
// and one writes; each in the order of the blocks, but for the workers, who take the next.
class Pipeline {
public:
  Pipeline(const PackOptions& options, int fd) : options_(options), fd_(fd) {
    unsigned workers = options.threads > 0 ? options.threads : std::thread::hardware_concurrency();
    workers = std::clamp(workers, 1u, most_workers);
    slots_.resize(workers + 3);
    threads_.emplace_back([this] { hash(); });
    threads_.emplace_back([this] { write(); });
    for (unsigned i = 0; i < workers; ++i) threads_.emplace_back([this] { compress(); });
  }

  ~Pipeline() { finish(); }

  // The archive's bytes, of any number.
  bool add(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::size_t n = std::min(bytes.size(), block_size - filling_.size());
      filling_ += bytes.substr(0, n);
      bytes.remove_prefix(n);
      if (filling_.size() == block_size && !hand_over()) return false;
    }
    return true;
  }

  // Waits for all; whether everything was written.
  bool finish() {
    if (!threads_.empty()) {
      if (!filling_.empty()) hand_over();
      {
        const std::lock_guard lock(mutex_);
        ended_ = true;
      }
      changed_.notify_all();
      threads_.clear();  // joins
    }
    return error_ == 0;
  }

  int error() const { return error_; }
  Packed result() { return {"sha256:" + packed_digest_.hex(), size_, "sha256:" + digest_.hex(), unpacked_}; }

private:
  Slot& slot(std::size_t block) { return slots_[block % slots_.size()]; }

  bool hand_over() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return error_ != 0 || filled_ - written_ < slots_.size(); });
    if (error_ != 0) return false;
    Slot& next = slot(filled_);
    std::swap(next.raw, filling_);
    filling_.clear();
    filling_.reserve(block_size);
    next.hashed = next.compressed = false;
    ++filled_;
    lock.unlock();
    changed_.notify_all();
    return true;
  }

  // Waits for block `at`; false: there is none more.
  bool wait_for(std::unique_lock<std::mutex>& lock, const std::size_t& at) {
    changed_.wait(lock, [&] { return error_ != 0 || at < filled_ || ended_; });
    return error_ == 0 && at < filled_;
  }

  void hash() {
    for (std::size_t at = 0;; ++at) {
      std::unique_lock lock(mutex_);
      if (!wait_for(lock, at)) return;
      Slot& mine = slot(at);
      lock.unlock();
      digest_.add(mine.raw);
      unpacked_ += mine.raw.size();
      lock.lock();
      mine.hashed = true;
      lock.unlock();
      changed_.notify_all();
    }
  }

  void compress() {
    const Compressor compressor(libdeflate_alloc_compressor(options_.level));
    const std::size_t bound = libdeflate_gzip_compress_bound(compressor.get(), block_size);
    for (;;) {
      std::unique_lock lock(mutex_);
      if (!wait_for(lock, taken_)) return;
      Slot& mine = slot(taken_++);
      lock.unlock();
      mine.packed.resize(bound);
      mine.packed_size = libdeflate_gzip_compress(compressor.get(), mine.raw.data(), mine.raw.size(),
                                                  mine.packed.data(), mine.packed.size());
      lock.lock();
      mine.compressed = true;
      lock.unlock();
      changed_.notify_all();
    }
  }

  void write() {
    for (;;) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] {
        return error_ != 0 || (ended_ && written_ == filled_) ||
               (written_ < filled_ && slot(written_).hashed && slot(written_).compressed);
      });
      if (error_ != 0 || written_ == filled_) return;
      Slot& mine = slot(written_);
      lock.unlock();
      const std::string_view bytes = std::string_view(mine.packed).substr(0, mine.packed_size);
      const int error = write_all(bytes);
      packed_digest_.add(bytes);
      lock.lock();
      error_ = error;
      size_ += bytes.size();
      ++written_;
      lock.unlock();
      changed_.notify_all();
    }
  }

  int write_all(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return errno;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return 0;
  }

  const PackOptions& options_;
  int fd_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Slot> slots_;
  std::string filling_;
  // Blocks that were handed over, taken by a worker, and written.
  std::size_t filled_ = 0, taken_ = 0, written_ = 0;
  bool ended_ = false;
  int error_ = 0;
  digest::Sha256 digest_, packed_digest_;
  std::uint64_t unpacked_ = 0, size_ = 0;
  std::vector<std::jthread> threads_;
};

}  // namespace

base::Result<Packed> pack(const Entries& entries, const PackOptions& options, const std::string& path) {
  const auto failed = [&](int error) {
    ::unlink(path.c_str());
    return base::fail(base::Code::cannotWrite,
                      fmt::format("cannot write {}: {}", path, std::strerror(error)));
  };
  base::Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!fd) return failed(errno);
  Pipeline pipeline(options, fd.get());
  bool interrupted = false;
  auto written = write_tar(entries, options.time, [&](std::string_view bytes) {
    interrupted = options.interrupted && options.interrupted();
    return !interrupted && pipeline.add(bytes);
  });
  const bool whole = pipeline.finish();
  if (interrupted) {
    ::unlink(path.c_str());
    return base::fail(base::Code::interrupted, "interrupted");
  }
  if (!whole) return failed(pipeline.error());
  if (!written) {
    ::unlink(path.c_str());
    return std::unexpected(std::move(written.error()));
  }
  return pipeline.result();
}

base::Result<std::string> diff_id_of(const Entries& entries, std::int64_t time) {
  digest::Sha256 out;
  auto written = write_tar(entries, time, [&](std::string_view bytes) {
    out.add(bytes);
    return true;
  });
  if (!written) return std::unexpected(std::move(written.error()));
  return "sha256:" + out.hex();
}

}  // namespace msctl::image
