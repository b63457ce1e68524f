// Blobs: of any size, streamed from and to files.
//
// An upload has an address of its own, which each answer renews. It is sent in chunks; the last goes with the
// request that ends it and tells the digest. Where one breaks off the registry is asked how much has come,
// and that is where it goes on; an upload that it does not know any more begins anew.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "pipelines/image/registry/registry.h"
#include "runtime/base/fd.h"
#include "runtime/digest/digest.h"

namespace msctl::image {
namespace {

std::unexpected<base::Error> cannot_write(const std::string& path) {
  return base::fail(base::Code::cannotWrite, fmt::format("cannot write {}: {}", path, std::strerror(errno)));
}

// A part of a file. `sent`: told of each piece as it goes.
http::BodySource part_of(int fd, std::uint64_t begin, std::uint64_t size,
                         std::function<void(std::uint64_t)> sent) {
  return {size, [fd, begin, sent = std::move(sent)](std::uint64_t offset, char* buffer, std::size_t wanted) {
            ssize_t n = -1;
            do n = ::pread(fd, buffer, wanted, static_cast<off_t>(begin + offset));
            while (n < 0 && errno == EINTR);
            if (n > 0 && sent) sent(begin + offset + static_cast<std::uint64_t>(n));
            return static_cast<std::size_t>(std::max<ssize_t>(n, 0));
          }};
}

// "0-1023": the number of bytes.
std::optional<std::uint64_t> parse_range(std::string_view range) {
  if (range.starts_with("bytes=")) range.remove_prefix(6);
  if (!range.starts_with("0-")) return std::nullopt;
  range.remove_prefix(2);
  std::uint64_t last = 0;
  auto [end, error] = std::from_chars(range.data(), range.data() + range.size(), last);
  if (error != std::errc{} || end != range.data() + range.size()) return std::nullopt;
  return last + 1;
}

}  // namespace

base::Result<void> Registry::fetch_blob(const std::string& repository, const Descriptor& blob,
                                        const std::string& file,
                                        const std::function<void(std::uint64_t)>& progress) {
  base::Fd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!fd) return cannot_write(file);
  digest::Sha256 digest;
  std::uint64_t have = 0;
  bool full = false, too_much = false;
  for (int attempt = 0;; ++attempt) {
    Ask request{"GET", fmt::format("{}/blobs/{}", repository, blob.digest), repository, {}, {}, {}, {}};
    request.once = true;
    const std::uint64_t before = have;
    if (have > 0) request.headers.emplace_back("Range", fmt::format("bytes={}-", have));
    std::uint64_t skip = 0;
    request.sink = [&](std::string_view bytes) {
      const std::size_t skipped = static_cast<std::size_t>(std::min<std::uint64_t>(skip, bytes.size()));
      skip -= skipped;
      bytes.remove_prefix(skipped);
      too_much = bytes.size() > blob.size - have;
      if (too_much) return false;
      digest.add(bytes);
      while (!bytes.empty()) {
        const ssize_t n = ::write(fd.get(), bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
          full = true;
          return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(n));
        have += static_cast<std::uint64_t>(n);
      }
      if (progress) progress(have);
      return true;
    };
    // A server that knows no ranges sends all of it again.
    if (have > 0) {
      Ask head{"HEAD", request.target, repository, {}, {{"Range", fmt::format("bytes={}-", have)}}, {}, {}};
      auto answer = ask(head);
      if (!answer || answer->status != 206) {
        skip = have;
        request.headers.clear();
      }
    }
    auto answer = ask(request);
    if (full) return cannot_write(file);
    if (too_much)
      return base::fail(base::Code::digestMismatch,
                        fmt::format("{}: {} is longer than its manifest tells", name_, blob.digest));
    if (answer && answer->status / 100 == 2 && have == blob.size) break;
    if (answer && answer->status / 100 != 2 && answer->status < 500 && answer->status != 429)
      return std::unexpected(refusal_of(*answer, fmt::format("{}@{}", repository, blob.digest)));
    if (answer && answer->status / 100 == 2)
      return base::fail(base::Code::digestMismatch,
                        fmt::format("{}: {} is shorter than its manifest tells", name_, blob.digest));
    if (!answer && answer.error().code == base::Code::interrupted) return std::unexpected(answer.error());
    if (have > before) attempt = 0;
    if (attempt + 1 >= options_.attempts || !pause(attempt, {})) {
      if (!answer) return std::unexpected(answer.error());
      return std::unexpected(refusal_of(*answer, fmt::format("{}@{}", repository, blob.digest)));
    }
  }
  const std::string got = "sha256:" + digest.hex();
  if (got != blob.digest)
    return base::fail(base::Code::digestMismatch,
                      fmt::format("{}: {} came with the digest {}", name_, blob.digest, got));
  return {};
}

base::Result<std::string> Registry::begin_upload(const std::string& repository, const Descriptor& blob,
                                                 const std::string& mount_from, bool& mounted) {
  Ask request{"POST", fmt::format("{}/blobs/uploads/", repository), repository, {}, {}, {}, {}};
  if (!mount_from.empty()) {
    request.target += fmt::format("?mount={}&from={}", http::percent_encoded(blob.digest),
                                  http::percent_encoded(mount_from));
    request.more_scope = fmt::format("repository:{}:pull", mount_from);
  }
  auto answer = ask(request);
  if (!answer) return std::unexpected(answer.error());
  if (answer->status == 201) {
    mounted = true;
    return std::string{};
  }
  if (answer->status != 202)
    return std::unexpected(refusal_of(*answer, fmt::format("{} takes no layers", repository)));
  std::string location(answer->header("Location"));
  if (location.empty())
    return base::fail(base::Code::registryFailed,
                      fmt::format("{} opens an upload without an address", name_));
  return location;
}

std::optional<std::uint64_t> Registry::upload_state(const std::string& repository, std::string& location) {
  Ask request{"GET", location, repository, {}, {}, {}, {}};
  auto answer = ask(request);
  if (!answer || (answer->status != 204 && answer->status != 202)) return std::nullopt;
  if (const std::string_view next = answer->header("Location"); !next.empty()) location = next;
  const std::string_view range = answer->header("Range");
  // "0-0" is said of one byte, and of none: whoever asks begins anew then.
  if (range.empty()) return 0;
  return parse_range(range);
}

base::Result<void> Registry::upload(const std::string& repository, const Descriptor& blob, int fd,
                                    std::string location,
                                    const std::function<void(std::uint64_t)>& progress) {
  std::uint64_t sent = 0;
  for (int attempt = 0;;) {
    const std::uint64_t size = std::min(options_.chunk, blob.size - sent);
    const bool last = sent + size == blob.size;
    Ask request{last ? "PUT" : "PATCH", location, repository, {}, {}, {}, {}};
    if (last)
      request.target += fmt::format("{}digest={}", location.find('?') == std::string::npos ? '?' : '&',
                                    http::percent_encoded(blob.digest));
    request.headers = {{"Content-Type", "application/octet-stream"}};
    if (sent > 0 || !last)
      request.headers.emplace_back("Content-Range", fmt::format("{}-{}", sent, sent + size - 1));
    request.body = part_of(fd, sent, size, progress);
    request.once = true;
    auto answer = ask(request);
    const int status = answer ? answer->status : 0;
    if (last && status == 201) return {};
    if (!last && (status == 202 || status == 204)) {
      if (const std::string_view next = answer->header("Location"); !next.empty()) location = next;
      sent += size;
      attempt = 0;
      continue;
    }
    if (!answer && answer.error().code == base::Code::interrupted) return std::unexpected(answer.error());
    const bool again = status == 0 || status >= 500 || status == 429 || status == 416 || status == 404;
    if (!again || ++attempt >= options_.attempts || !pause(attempt - 1, {})) {
      if (!answer) return std::unexpected(answer.error());
      return std::unexpected(
          refusal_of(*answer, fmt::format("{} does not take {}", repository, blob.digest)));
    }
    if (auto come = upload_state(repository, location); come && *come > 1 && *come <= blob.size) {
      if (*come > sent) attempt = 0;
      sent = *come;
      continue;
    }
    bool mounted = false;
    auto fresh = begin_upload(repository, blob, {}, mounted);
    if (!fresh) return std::unexpected(fresh.error());
    location = *std::move(fresh);
    sent = 0;
  }
}

base::Result<Registry::Sent> Registry::push_blob(const std::string& repository, const Descriptor& blob,
                                                 const std::string& path, const std::string& mount_from,
                                                 const std::function<void(std::uint64_t)>& progress) {
  const auto is_there = [&]() -> base::Result<bool> {
    auto answer =
        ask({"HEAD", fmt::format("{}/blobs/{}", repository, blob.digest), repository, {}, {}, {}, {}});
    if (!answer) return std::unexpected(answer.error());
    if (answer->status == 401 || answer->status == 403)
      return std::unexpected(refusal_of(*answer, repository));
    return answer->status == 200;
  };
  auto there = is_there();
  if (!there) return std::unexpected(there.error());
  if (*there) return Sent::present;
  bool mounted = false;
  auto location =
      begin_upload(repository, blob, mount_from == repository ? std::string{} : mount_from, mounted);
  if (!location) return std::unexpected(location.error());
  if (mounted) return Sent::mounted;
  const base::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd)
    return base::fail(base::Code::imageMissing,
                      fmt::format("cannot read {}: {}", path, std::strerror(errno)));
  auto done = upload(repository, blob, fd.get(), *std::move(location), progress);
  if (done) return Sent::uploaded;
  // It may be that only the answer was lost.
  if (done.error().code == base::Code::registryUnreachable)
    if (auto now = is_there(); now && *now) return Sent::uploaded;
  return std::unexpected(done.error());
}

}  // namespace msctl::image
