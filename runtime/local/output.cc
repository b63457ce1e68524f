#include "runtime/local/output.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace msctl::local {
namespace {

constexpr std::size_t kLastLines = 8;
constexpr std::size_t kLastLineLength = 400;

// One for all: it is empty again whenever a read has been dealt with.
std::array<char, 64 * 1024> buffer;

}  // namespace

ProcessOutput::~ProcessOutput() {
  for (Stream& stream : streams_) close(stream);
}

base::Result<ProcessOutput::Ends> ProcessOutput::open() {
  Ends ends;
  for (int i : {0, 1}) {
    int pipe[2];
    if (::pipe2(pipe, O_CLOEXEC) != 0)
      return base::fail(base::Code::startFailed, std::string("cannot make a pipe: ") + std::strerror(errno));
    (i == 0 ? ends.output : ends.error).reset(pipe[1]);
    Stream& stream = streams_[i];
    stream.fd.reset(pipe[0]);
    stream.is_error = i == 1;
    ::fcntl(pipe[0], F_SETFL, O_NONBLOCK);
    watch(stream);
  }
  return ends;
}

void ProcessOutput::watch(Stream& stream) {
  if (stream.watched || !stream.fd) return;
  stream.watched = true;
  loop_.watch(stream.fd.get(), EPOLLIN, [this, &stream](std::uint32_t) { read(stream); });
}

void ProcessOutput::unwatch(Stream& stream) {
  if (stream.watched) loop_.forget(stream.fd.get());
  stream.watched = false;
}

// The read end is this process's alone.
void ProcessOutput::close(Stream& stream) {
  if (stream.watched) loop_.forget_closing(stream.fd.get());
  stream.watched = false;
  stream.fd.reset();
}

void ProcessOutput::pause() {
  for (Stream& stream : streams_) unwatch(stream);
}

void ProcessOutput::resume() {
  for (Stream& stream : streams_) watch(stream);
}

bool ProcessOutput::read(Stream& stream) {
  ssize_t n = ::read(stream.fd.get(), buffer.data(), buffer.size());
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (n <= 0) {
    close(stream);
    return false;
  }
  stream.splitter.feed({buffer.data(), static_cast<std::size_t>(n)},
                       [&](std::string_view text) { emit(stream, text); });
  return true;
}

void ProcessOutput::emit(Stream& stream, std::string_view text) {
  line_(stream.is_error, text);
  if (text.empty()) return;
  if (stream.last.size() == kLastLines) {
    // The oldest string's memory serves the newest line: a flood allocates nothing here.
    std::string reused = std::move(stream.last.front());
    stream.last.pop_front();
    reused.assign(text.substr(0, kLastLineLength));
    stream.last.push_back(std::move(reused));
  } else {
    stream.last.emplace_back(text.substr(0, kLastLineLength));
  }
}

void ProcessOutput::finish() {
  for (Stream& stream : streams_) {
    // A pipe holds 64 KiB unless it was made larger: what comes after that is of descendants that live on.
    for (int i = 0; i < 32 && stream.fd && read(stream); ++i) {
    }
    stream.splitter.finish([&](std::string_view text) { emit(stream, text); });
    close(stream);
  }
}

std::string ProcessOutput::last_words() const {
  const auto& last = streams_[1].last.empty() ? streams_[0].last : streams_[1].last;
  std::string out;
  for (const std::string& line : last) out += (out.empty() ? "" : "\n") + line;
  return out;
}

}  // namespace msctl::local
